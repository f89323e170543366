"""Asks botocore whether the operations of Automation documents exist and know their inputs.

Reads one JSON document a line, prints one line for each mistake.
"""

import json
import re
import sys

import botocore.session

SESSION = botocore.session.get_session()
OWN = {"Service", "Api", "PropertySelector", "DesiredValues"}


def fits(shape, value, path):
    if isinstance(value, str) and re.search(r"\{\{.*\}\}", value):
        return
    if shape.type_name == "structure":
        if not isinstance(value, dict):
            yield f"{path} is no map"
            return
        for key, inner in value.items():
            if key not in shape.members:
                yield f"{path} has no {key}"
            else:
                yield from fits(shape.members[key], inner, f"{path}.{key}")
    elif shape.type_name == "list":
        if not isinstance(value, list):
            yield f"{path} is no list"
            return
        for inner in value:
            yield from fits(shape.member, inner, path)
    elif shape.type_name == "map":
        if not isinstance(value, dict):
            yield f"{path} is no map"


def mistakes(step):
    inputs = step["inputs"]
    if "Api" not in inputs:
        return
    try:
        model = SESSION.get_service_model(inputs["Service"])
        operation = model.operation_model(inputs["Api"])
    except Exception as error:  # noqa: BLE001 - whatever botocore says is the mistake
        yield f"{step['name']}: {error}"
        return
    given = {key: value for key, value in inputs.items() if key not in OWN}
    if operation.input_shape is None:
        yield from (f"{step['name']}: {key} is not taken" for key in given)
    else:
        yield from fits(operation.input_shape, given, step["name"])


for line in sys.stdin:
    for step in json.loads(line).get("mainSteps", []):
        for mistake in mistakes(step):
            print(mistake)
