"""./dev demo with a fake llama-server: the model that it is given, the messages, and the check for leftovers."""

import json
import os
import re
import signal
import subprocess
import sys

from harness import Case, check, check_equal, SOURCE, STANDIN, VLMSHIM

# Records its arguments and becomes the stand-in.
RECORDER = '''#!{python}
import json, os, sys
with open({record!r}, "w") as file:
    json.dump({{"arguments": sys.argv[1:], **{{k: v for k, v in os.environ.items() if k.startswith("LLAMA_ARG_")}}}}, file)
os.execv({standin!r}, [{standin!r}, "--port", sys.argv[sys.argv.index("--port") + 1]])
'''
# Refuses images.
REFUSING = '''#!{python}
import http.server, json, sys
class Model(http.server.BaseHTTPRequestHandler):
    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer(200, {{"data": [{{"id": "a-model"}}]}})
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(500, {{"error": {{"code": 500, "message": "image input is not supported - hint: you may need the mmproj", "type": "server_error"}}}})
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Model).serve_forever()
'''
REPOSITORY = "ggml-org/SmolVLM-500M-Instruct-GGUF"
CACHED = "models--ggml-org--SmolVLM-500M-Instruct-GGUF/snapshots/0123/SmolVLM-500M-Instruct-Q8_0.gguf"
CACHES = ("LLAMA_CACHE", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME")


class Demo(Case):
    def start(self, stage, program=RECORDER, **variables):
        folder = stage.folder / "bin"
        if program:
            folder.mkdir(exist_ok=True)
            server = folder / "llama-server"
            server.write_text(program.format(python=sys.executable, record=str(stage.file("given.json")), standin=STANDIN))
            server.chmod(0o755)
        build = stage.folder / "build"
        (build / "test").mkdir(parents=True, exist_ok=True)
        for name, path in (("vlmshim", VLMSHIM), ("test/vlmshim-standin", STANDIN)):
            if not (build / name).is_symlink():
                (build / name).symlink_to(path)
        kept = {name: value for name, value in stage.environment().items() if name not in CACHES and not name.startswith("LLAMA_ARG_")}
        environment = {**kept, "PATH": f"{folder}:{os.environ['PATH']}", "VLMSHIM_DEMO_BUILD": str(build),
                       "VLMSHIM_DEMO_PORT": str(stage.port), **variables}
        return subprocess.Popen([str(SOURCE / "dev"), "demo"], cwd=stage.folder, env=environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)

    def demo(self, stage, **options):
        """(status, output, what llama-server was given)"""
        process = self.start(stage, **options)
        output = process.communicate(timeout=120)[0]
        record = stage.file("given.json")
        given = json.loads(record.read_text()) if record.exists() else None
        check(not stage.left_over(), f"left over: {stage.left_over()}")
        return process.returncode, output, given

    def put(self, *paths):
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")

    def test_a_model_with_its_mmproj_beside_it(self):
        stage = self.stage()
        models = stage.folder / "my [models]"
        self.put(models / "smol.gguf", models / "mmproj-smol-f16.gguf")
        status, output, given = self.demo(stage, VLMSHIM_DEMO_MODEL="my [models]/smol.gguf")  # from the caller's folder
        check_equal(status, 0, output)
        check_equal(given["LLAMA_ARG_MODEL"], str(models / "smol.gguf"), output)
        check_equal(given["LLAMA_ARG_MMPROJ"], str(models / "mmproj-smol-f16.gguf"), output)
        check("which is beside it" in output, f"not said: {output}")
        check("processes of this run: none left" in output, f"no look afterwards: {output}")

    def test_a_mmproj_that_is_named(self):
        stage = self.stage()
        self.put(stage.file("smol.gguf"), stage.file("mmproj-a.gguf"), stage.file("other/eyes.gguf"))
        status, output, given = self.demo(stage, VLMSHIM_DEMO_MODEL=str(stage.file("smol.gguf")), VLMSHIM_DEMO_MMPROJ="other/eyes.gguf")
        check_equal(status, 0, output)
        check_equal(given["LLAMA_ARG_MMPROJ"], str(stage.file("other/eyes.gguf")), output)

    def test_no_mmproj(self):
        stage = self.stage()
        self.put(stage.file("smol.gguf"))
        status, output, given = self.demo(stage, VLMSHIM_DEMO_MODEL="smol.gguf")
        check_equal(status, 0, output)
        check("LLAMA_ARG_MMPROJ" not in given and "VLMSHIM_DEMO_MMPROJ names none" in output, f"not said: {output}")

    def test_a_repository(self):
        stage = self.stage()
        status, output, given = self.demo(stage, VLMSHIM_DEMO_MODEL="some/model-GGUF:Q8_0")
        check_equal(status, 0, output)
        check_equal(given, {"arguments": given["arguments"], "LLAMA_ARG_HF_REPO": "some/model-GGUF:Q8_0"}, output)

    def test_what_is_not_there_is_refused(self):
        def one(item):
            variables, pattern = item
            stage = self.stage()
            self.put(stage.file("folder/x"), stage.file("smol.gguf"))
            status, output, given = self.demo(stage, **variables)
            check_equal(status, 1, f"status with {variables}: {output}")
            check(re.search(pattern, output) and given is None, f"no {pattern!r}: {output}")
            check_equal(len(output.splitlines()), 1, f"lines: {output}")
        self.each([({"VLMSHIM_DEMO_MODEL": "/nowhere/smol.gguf"}, "there is no file /nowhere/smol.gguf"),
                   ({"VLMSHIM_DEMO_MODEL": "nowhere.gguf"}, "VLMSHIM_DEMO_MODEL: there is no file .*/nowhere.gguf"),
                   ({"VLMSHIM_DEMO_MODEL": "./smol"}, "there is no file"),
                   ({"VLMSHIM_DEMO_MODEL": "a/b/c"}, "no repository"),
                   ({"VLMSHIM_DEMO_MODEL": "folder"}, "is a folder"),
                   ({"VLMSHIM_DEMO_MODEL": "nowhere.gguf", "program": None}, "there is no file"),
                   ({"VLMSHIM_DEMO_MODEL": "smol.gguf", "VLMSHIM_DEMO_MMPROJ": "eyes.gguf"}, "VLMSHIM_DEMO_MMPROJ: there is no file"),
                   ({"VLMSHIM_DEMO_MMPROJ": "smol.gguf"}, "VLMSHIM_DEMO_MMPROJ goes with")], one)

    def test_the_model_is_found_in_the_cache(self):
        """The first variable that is set names the cache; those of later ones are not searched."""
        def one(item):
            variables, place, found = item
            stage = self.stage()
            self.put(stage.folder / place)
            status, output, given = self.demo(stage, **{name: str(stage.folder / value) for name, value in variables.items()})
            check_equal(status, 0, output)
            check_equal((given or {}).get("LLAMA_ARG_HF_REPO"), REPOSITORY if found else None, f"{variables}, {place}: {output}")
        self.each([({"LLAMA_CACHE": "c"}, f"c/{CACHED}", True),
                   ({"HF_HUB_CACHE": "c"}, f"c/{CACHED}", True),
                   ({"HUGGINGFACE_HUB_CACHE": "c"}, f"c/{CACHED}", True),
                   ({"HF_HOME": "c"}, f"c/hub/{CACHED}", True),
                   ({"XDG_CACHE_HOME": "c"}, f"c/huggingface/hub/{CACHED}", True),
                   ({}, f".cache/huggingface/hub/{CACHED}", True),
                   ({"HF_HUB_CACHE": "a", "HF_HOME": "c"}, f"c/hub/{CACHED}", False),
                   ({"LLAMA_CACHE": "a", "HF_HUB_CACHE": "c"}, f"c/{CACHED}", False),
                   ({}, ".cache/llama.cpp/ggml-org_SmolVLM-500M-Instruct-GGUF_SmolVLM-500M-Instruct-Q8_0.gguf", True),
                   ({}, f"elsewhere/{CACHED}", False)], one)

    def test_the_servers_own_words_for_an_error(self):
        stage = self.stage()
        self.put(stage.file("smol.gguf"))
        status, output, _given = self.demo(stage, program=REFUSING, VLMSHIM_DEMO_MODEL="smol.gguf")
        check_equal(status, 1, output)
        check("HTTP Error 500: image input is not supported - hint: you may need the mmproj" in output, f"not said: {output}")
        check("processes of this run: none left" in output, f"no look afterwards: {output}")

    def test_interrupted(self):
        """^C reaches the whole foreground group, the script as well."""
        stage = self.stage()
        process = self.start(stage, program=None, VQA_TEST_ENDING="hang")
        said = []
        for line in process.stdout:
            said.append(line)
            if "hanging" in line:
                os.killpg(process.pid, signal.SIGINT)
                break
        output = "".join(said) + process.communicate(timeout=60)[0]
        check("processes of this run: none left" in output, f"no look afterwards: {output}")
        check(re.search(r"port \d+: no process listens", output), f"no look at the port: {output}")
        check(process.returncode != 0, output)
        check(not stage.left_over(), f"left over: {stage.left_over()}")
