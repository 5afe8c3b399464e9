# SPDX-License-Identifier: ISC
"""sink.py ADDRESS AS: answers OPENs, says KEEPALIVE, and reads whatever comes without a look at it."""
import selectors, socket, struct, sys

KEEPALIVE = b"\xff" * 16 + b"\x00\x13\x04"


def open_message(address, asn):
    capabilities = b"\x01\x04\x00\x01\x00\x01" + b"\x01\x04\x00\x02\x00\x01" + b"\x41\x04"
    capabilities += struct.pack(">I", asn)
    parameter = b"\x02" + bytes([len(capabilities)]) + capabilities
    body = struct.pack(">BHH4sB", 4, asn, 0, socket.inet_aton(address), len(parameter)) + parameter
    return b"\xff" * 16 + struct.pack(">HB", 19 + len(body), 1) + body


def main():
    address, asn = sys.argv[1], int(sys.argv[2])
    listener = socket.create_server((address, 179))
    print("ready", flush=True)
    waiting, room = selectors.DefaultSelector(), memoryview(bytearray(1 << 20))
    waiting.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            if key.fileobj is listener:
                peer = listener.accept()[0]
                peer.sendall(open_message(address, asn) + KEEPALIVE)
                waiting.register(peer, selectors.EVENT_READ)
            elif not key.fileobj.recv_into(room):
                waiting.unregister(key.fileobj)
                key.fileobj.close()


main()
