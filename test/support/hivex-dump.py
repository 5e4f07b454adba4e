"""Prints every key and value of a hive, as hivex reads them, one JSON array a line."""
import hashlib
import json
import sys

import hivex

hive = hivex.Hivex(sys.argv[1])


def visit(node, path):
    print(json.dumps(["key", path]))
    for value in hive.node_values(node):
        kind, data = hive.value_value(value)
        print(json.dumps(["value", path, hive.value_key(value), kind, len(data), hashlib.sha256(data).hexdigest()]))
    for child in hive.node_children(node):
        visit(child, path + "\\" + hive.node_name(child))


sys.setrecursionlimit(5000)
visit(hive.root(), "")
