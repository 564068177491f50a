"""The server that all clients call: nginx when it is installed, or else our own; and a link that makes it far."""

import contextlib
import queue
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from .client import on_cpus

PATH = "/api/stable/api.php"

# nginx without its system's settings. It reads the labels from the request and answers as is documented.
NGINX = """
load_module modules/ndk_http_module.so;
load_module modules/ngx_http_lua_module.so;
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/server.pem;
        ssl_certificate_key {folder}/server.key;
        ssl_protocols TLSv1.3;
        keepalive_timeout 1h;
        keepalive_requests 1000000000;
        client_body_buffer_size 128k;
        default_type application/json;
        location / {{
            content_by_lua_block {{
                ngx.req.read_body()
                local body = ngx.req.get_body_data()
                local space = body:find('"identifier": "', 1, true) and " " or ""
                local id_key, label_key = '"resourceid":' .. space .. '"', '"identifier":' .. space .. '"'
                local function text_behind(key, at)
                    local _, before = body:find(key, at, true)
                    if before then
                        local behind = body:find('"', before + 1, true)
                        return body:sub(before + 1, behind - 1), behind
                    end
                end
                local parts, comma = {{'{{"status":{{"code":200,"errorcode":0,"message":"OK"}},"response":{{"results":['}}, ""
                local id, at_id = text_behind(id_key, 1)
                local label, at_label = text_behind(label_key, 1)
                while id do
                    local count = #parts
                    parts[count + 1] = comma
                    parts[count + 2] = '{{"actionid":"urn:onoffice-de-ns:smart:2.5:smartml:action:do","resourceid":"'
                    parts[count + 3] = id
                    parts[count + 4] = '","resourcetype":"executeMarketplaceWebhooks","cacheable":false,"identifier":"'
                    parts[count + 5] = label
                    parts[count + 6] = '","data":{{"meta":{{"cntabsolute":null}},"records":[{{"id":0,"type":"",'
                        .. '"elements":{{"result":"success"}}}}]}},"status":{{"errorcode":0,"message":"OK"}}}}'
                    comma = ","
                    id, at_id = text_behind(id_key, at_id)
                    label, at_label = text_behind(label_key, at_label)
                end
                parts[#parts + 1] = ']}}}}'
                local answer = table.concat(parts)
                ngx.header["Content-Length"] = #answer
                ngx.print(answer)
            }}
        }}
    }}
}}
"""


class Target:
    """What a client is told about a server."""

    def __init__(self, port, ca_file):
        self.port, self.url, self.ca_file = port, f"https://localhost:{port}{PATH}", str(ca_file)


class Server:
    """Runs while the `with` block does, on the given CPUs only. It has a certificate of a CA of its own."""

    def __init__(self, programs, cpus=None):
        self.programs, self.cpus = programs, cpus
        self.name = "nginx" if has_nginx() else "bench-server"

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="oo-webhooks-bench-"))
        make_certificates(self.folder)
        if self.name == "nginx":
            port = free_port()
            (self.folder / "nginx.conf").write_text(NGINX.format(folder=self.folder, port=port))
            command = ["nginx", "-p", "/usr/share/nginx", "-e", self.folder / "error.log", "-c",
                       self.folder / "nginx.conf"]
        else:
            port, command = None, [self.programs / "bench-server", self.folder]
        self.process = subprocess.Popen(on_cpus(self.cpus, [str(word) for word in command]),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        port = port or int(self.process.stdout.readline())
        wait_until_open(port)
        self.target = Target(port, self.folder / "ca.pem")
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        if self.name == "nginx":
            self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.folder)

    @property
    def version(self):
        if self.name != "nginx":
            return "bench-server, which is part of the benchmark"
        run = subprocess.run(["nginx", "-v"], stderr=subprocess.PIPE, text=True, check=True)
        return run.stderr.strip().rpartition(" ")[2].replace("/", " ")


def has_nginx():
    lua = "usr/lib/nginx/modules/ngx_http_lua_module.so"
    return bool(shutil.which("nginx")) and any((Path(root) / lua).exists() for root in ("/", "/usr/share/nginx"))


def make_certificates(folder):
    """ca.pem, server.pem and server.key, P-256."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
            "-subj", "/CN=authority of the benchmark")
    openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (folder / "names").write_text("subjectAltName=DNS:localhost\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-out", "server.pem", "-days", "2", "-extfile", "names")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_until_open(port):
    deadline = time.monotonic() + 10
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"no server at port {port} after 10 s")
        time.sleep(0.01)


class FarAway:
    """A port that leads to the server over a link with a round trip of so many seconds.

    The kernel opens a connection to loopback in no time; so the first bytes of each wait for one round trip more, as
    they would for the opening of a connection to a distant host.
    """

    def __init__(self, server, round_trip):
        self.port, self.round_trip = server.target.port, round_trip
        self.ca_file = server.target.ca_file

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.target = Target(self.listener.getsockname()[1], self.ca_file)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            opened = time.monotonic() + self.round_trip
            far = socket.create_connection(("127.0.0.1", self.port))
            for source, sink in ((near, far), (far, near)):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._carry(source, sink, opened)

    def _carry(self, source, sink, opened):
        """Starts the two threads of one direction: what one reads, the other sends half a round trip later."""
        pieces = queue.SimpleQueue()

        def read():
            piece = True
            while piece:
                try:
                    piece = source.recv(65536)
                except OSError:
                    piece = b""
                pieces.put((max(time.monotonic(), opened) + self.round_trip / 2, piece))

        def send():
            piece = True
            while piece:
                due, piece = pieces.get()
                time.sleep(max(0, due - time.monotonic()))
                with contextlib.suppress(OSError):
                    sink.sendall(piece) if piece else sink.shutdown(socket.SHUT_WR)

        for work in (read, send):
            threading.Thread(target=work, daemon=True).start()
