"""Starts a Synapse in FOLDER on PORT with the users rbl and ana in one room; prints what is needed to use it as a line of JSON.

It runs until its standard input ends."""
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
import urllib.request

folder, port = sys.argv[1], int(sys.argv[2])
url = f"http://127.0.0.1:{port}"
configuration = os.path.join(folder, "homeserver.yaml")
with open(configuration, "w") as file:
    file.write(
        f"""
server_name: localhost
listeners: [ {{ port: {port}, type: http, bind_addresses: ['127.0.0.1'], resources: [ {{ names: [client] }} ] }} ]
database: {{ name: sqlite3, args: {{ database: {folder}/homeserver.db }} }}
media_store_path: {folder}/media
signing_key_path: {folder}/key
report_stats: false
registration_shared_secret: shared
suppress_key_server_warning: true
trusted_key_servers: []
rc_message: {{ per_second: 1000, burst_count: 1000 }}
"""
    )
synapse = [sys.executable, "-m", "synapse.app.homeserver", "-c", configuration]
quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
subprocess.run([*synapse, "--generate-keys"], check=True, cwd=folder, **quiet)
server = subprocess.Popen(synapse, cwd=folder, **quiet)


def call(method, path, body=None, token=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data=data, method=method)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def register(name):
    nonce = call("GET", "/_synapse/admin/v1/register")["nonce"]
    text = b"\0".join(part.encode() for part in (nonce, name, "password", "notadmin"))
    mac = hmac.new(b"shared", text, hashlib.sha1).hexdigest()
    body = {"nonce": nonce, "username": name, "password": "password", "admin": False, "mac": mac}
    return call("POST", "/_synapse/admin/v1/register", body)["access_token"]


try:
    until = time.time() + 60
    while True:
        try:
            call("GET", "/_matrix/client/versions")
            break
        except OSError:
            if time.time() > until or server.poll() is not None:
                raise
            time.sleep(0.1)
    rbl, ana = register("rbl"), register("ana")
    room = call("POST", "/_matrix/client/v3/createRoom", {"invite": ["@ana:localhost"]}, rbl)["room_id"]
    call("POST", f"/_matrix/client/v3/join/{room}", {}, ana)
    print(json.dumps({"url": url, "rbl": rbl, "ana": ana, "room": room}), flush=True)
    sys.stdin.read()
finally:
    server.terminate()
    server.wait()
