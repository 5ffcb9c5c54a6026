"""Skills of candidates from files."""

import pytest

from offers.ingest.assessments import ASSESSMENTS
from offers.models import SkillAssessment
from tests import factories
from tests.governance.ingest.helpers import counts, refusals, take_in, written

ROW = "C-A,R-A,Python,3,4"


@pytest.fixture
def skills(scoped, tmp_path):
    factories.CandidateFactory(client=scoped, external_id="C-A")
    factories.RequisitionFactory(client=scoped, external_id="R-A")
    header = "candidate_ref,requisition_ref,skill,required,assessed\n"
    return lambda row: take_in(ASSESSMENTS, scoped, written(tmp_path, header + row))


def test_a_skill_is_kept_once_a_candidate_and_requisition(skills):
    assert counts(skills(ROW)) == (1, 0, 0)
    assert counts(skills("C-A,R-A,Python,3,5")) == (0, 1, 0)
    assert str(SkillAssessment.objects.get()) == "Python: 5 of 3"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("C-X,R-A,Python,3,4", "candidate_ref"),
        ("C-A,R-X,Python,3,4", "requisition_ref"),
        ("C-A,R-A,,3,4", "skill"),
        ("C-A,R-A,Python,0,4", "required"),
        ("C-A,R-A,Python,3,6", "assessed"),
        ("C-A,R-A,Python,3,4.5", "assessed"),
    ],
)
def test_each_bad_cell_of_a_skill_is_refused_by_column(skills, row, column):
    assert refusals(skills(row)) == [(2, column)]
