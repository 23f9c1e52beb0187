"""Registers a task definition (argv[2]) with the ECS at argv[1], and prints it as ECS describes it.

botocore refuses unknown members and wrong types. It lets any string through where AWS has a list of values, so that is
looked at here.
"""

import json
import sys

import boto3


def wrong_values(shape, value, path):
    """Every string that its enumeration does not have."""
    if shape.type_name == "structure":
        members = [(shape.members[name], inner, f"{path}.{name}") for name, inner in value.items() if name in shape.members]
    elif shape.type_name == "list":
        members = [(shape.member, inner, f"{path}[{index}]") for index, inner in enumerate(value)]
    elif shape.type_name == "map":
        members = [(shape.value, inner, f"{path}.{key}") for key, inner in value.items()]
    else:
        enum = getattr(shape, "enum", None)
        return [f"{path}: {value!r} is not one of {enum}"] if enum and value not in enum else []
    return [wrong for member in members for wrong in wrong_values(*member)]


ecs = boto3.client("ecs", region_name="eu-west-1", endpoint_url=sys.argv[1])
with open(sys.argv[2], encoding="utf-8") as file:
    definition = json.load(file)
shape = ecs.meta.service_model.operation_model("RegisterTaskDefinition").input_shape
if wrong := wrong_values(shape, definition, "task"):
    sys.exit("\n".join(wrong))
ecs.register_task_definition(**definition)
described = ecs.describe_task_definition(taskDefinition=definition["family"])
json.dump(described["taskDefinition"], sys.stdout, default=str)
