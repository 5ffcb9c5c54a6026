"""Pages of the work: the workbench, its actions, drafting, queues and home. They gather, call a verb, and show."""
