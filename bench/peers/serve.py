import json
import sys


def serve(functions):
    """Answers each line on stdin, a function's name, with that function's result as a line of JSON."""
    for line in sys.stdin:
        print(json.dumps(functions[line.strip()]()), flush=True)
