"""The OpenAPI description as rows for a page: addresses by their first word, and the shapes that they speak of."""

from collections.abc import Iterator, Mapping
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
PREFIX = "/api/v1/"
Node = Mapping[str, Any]


def groups(schema: Node) -> list[dict[str, Any]]:
    """[{"name", "calls": [...]}], as the page lists them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path, operations in schema["paths"].items():
        name = path.removeprefix(PREFIX).partition("/")[0].replace("-", " ").capitalize()
        calls = found.setdefault(name, [])
        calls += [_call(path, method, operations[method]) for method in METHODS if method in operations]
    return [{"name": name, "calls": calls} for name, calls in found.items()]


def shapes(schema: Node) -> list[dict[str, Any]]:
    """[{"name", "fields" or "type"}] of the components, by name."""
    return [_shape(name, each) for name, each in sorted(schema["components"]["schemas"].items())]


def _call(path: str, method: str, operation: Node) -> dict[str, Any]:
    sent = list(_contents(operation.get("requestBody") or {}))
    return {
        "method": method.upper(),
        "path": path,
        "id": operation["operationId"],
        "says": operation.get("summary") or operation.get("description") or "",
        "asks": [_parameter(each) for each in operation.get("parameters", ())],
        "sends": sent[0] if sent else None,
        "answers": [
            {"code": code, "says": answer.get("description", ""), "type": next(_contents(answer), None)}
            for code, answer in operation["responses"].items()
        ],
    }


def _parameter(each: Node) -> dict[str, Any]:
    return {
        "name": each["name"],
        "where": each["in"],
        "required": each.get("required", False),
        "type": said(each.get("schema", {})),
        "says": each.get("description", ""),
    }


def _contents(body: Node) -> Iterator[dict[str, str]]:
    for content in body.get("content", {}).values():
        if "schema" in content:
            yield said(content["schema"])


def _shape(name: str, node: Node) -> dict[str, Any]:
    required = set(node.get("required", ()))
    fields = [
        {"name": field, "required": field in required, "type": said(each), "says": each.get("description", "")}
        for field, each in node.get("properties", {}).items()
    ]
    return {"name": name, "fields": fields, "type": None if fields else said(node), "says": node.get("description", "")}


def said(node: Node) -> dict[str, str]:
    """{"text", "shape"}: a type in words, and the component that it leads to, or ""."""
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return {"text": name, "shape": name}
    for several in ("allOf", "oneOf", "anyOf"):
        if several in node:
            parts = [said(each) for each in node[several]]
            led = next((part["shape"] for part in parts if part["shape"]), "")
            return {"text": " or ".join(dict.fromkeys(part["text"] for part in parts)), "shape": led}
    if "enum" in node:
        return {"text": "one of " + ", ".join(str(each or "blank") for each in node["enum"]), "shape": ""}
    kind = node.get("type", "anything")
    if kind == "array":
        held = said(node.get("items", {}))
        return {"text": f"list of {held['text']}", "shape": held["shape"]}
    words = " or ".join(kind) if isinstance(kind, list) else kind
    return {"text": f"{words} ({node['format']})" if "format" in node else words, "shape": ""}
