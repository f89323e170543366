"""A mail server that keeps what it gets: PORT FILE [CERT KEY]. With a certificate it wants STARTTLS and the password `mail-Pass-77`.

A recipient `nobody@…` is refused. Each mail is a line of JSON in FILE."""
import json
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, SMTP

port, path = int(sys.argv[1]), sys.argv[2]


class Keeper:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        with open(path, "a") as file:
            mail = {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "content": envelope.content.decode("utf-8", "replace"),
                "encrypted": session.ssl is not None,
            }
            file.write(json.dumps(mail) + "\n")
        return "250 kept"


def sign_in(server, session, envelope, mechanism, data):
    return AuthResult(success=data.password == b"mail-Pass-77", handled=False)


class Server(Controller):
    def factory(self):
        if len(sys.argv) < 4:
            return SMTP(self.handler, enable_SMTPUTF8=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[3], sys.argv[4])
        return SMTP(
            self.handler,
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=sign_in,
        )


server = Server(Keeper(), hostname="127.0.0.1", port=port)
server.start()
print("ready", flush=True)
while True:
    time.sleep(3600)
