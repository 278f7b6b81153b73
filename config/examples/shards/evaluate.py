"""Asks the model server one shard of the questions: shard K of N has questions K, K + N, K + 2N ...

    vlmshim ... -- python3 evaluate.py --shard 0 --of 4 --questions questions.jsonl --out results/result-0.json

The server is the one that vlmshim started (VLMSHIM_PORT), or MODEL_URL, for one on another host. Exit status 0: every
answer is there and right; 1: not. The file is written in both cases, and only when every question was asked.
"""

import argparse
import json
import os
import re
import sys
import urllib.request


def ask(server, question):
    """The model's answer, from llama-server's OpenAI-style API."""
    content = [{"type": "text", "text": question["question"]}, {"type": "image_url", "image_url": {"url": question["image"]}}]
    body = {"messages": [{"role": "user", "content": content}], "max_tokens": 16, "temperature": 0}
    request = urllib.request.Request(server + "/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=300) as response:
        return json.load(response)["choices"][0]["message"]["content"]


def judged(server, question):
    try:
        answer = ask(server, question)
    except (OSError, ValueError, LookupError) as problem:  # no connection, no JSON, no answer in it
        return {"id": question["id"], "right": False, "error": str(problem)}
    return {"id": question["id"], "right": bool(re.search(question["expect"], answer, re.IGNORECASE)), "answer": answer}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shard", type=int, required=True, help="from 0 to N - 1")
    parser.add_argument("--of", type=int, required=True)
    parser.add_argument("--questions", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    if not 0 <= options.shard < options.of:
        parser.error(f"there is no shard {options.shard} of {options.of}: they count from 0")
    server = os.environ.get("MODEL_URL") or f"http://127.0.0.1:{os.environ['VLMSHIM_PORT']}"

    with open(options.questions, encoding="utf-8") as file:
        questions = [json.loads(line) for line in file][options.shard::options.of]
    answers = [judged(server, question) for question in questions]
    right = sum(answer["right"] for answer in answers)

    os.makedirs(os.path.dirname(options.out) or ".", exist_ok=True)
    with open(options.out + ".new", "w", encoding="utf-8") as file:
        json.dump({"run": os.environ.get("VLMSHIM_RUN"), "shard": options.shard, "of": options.of, "asked": len(answers),
                   "right": right, "answers": answers}, file, indent=1)
    os.replace(options.out + ".new", options.out)
    print(f"shard {options.shard} of {options.of}: {right} of {len(answers)} right")
    for answer in answers:
        if not answer["right"]:
            print(f"{answer['id']}: {answer.get('answer') or answer.get('error')!r}", file=sys.stderr)
    return 0 if right == len(answers) else 1


if __name__ == "__main__":
    sys.exit(main())
