"""permessage-deflate (RFC 7692), as 2.0.1 and 2.1 want a CSMS to offer it; thrifty with memory.

Neither side keeps its window from one message to the next: a connection holds no compressor, however many there are.
What is short goes out as it is, which the extension allows message by message. What comes in is bounded after it is
decompressed, as everything is, by the library's `max_size`.
"""

from __future__ import annotations

from collections.abc import Sequence

from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.typing import ExtensionParameter

PLAIN_UP_TO = 512  # bytes of a message that is not worth compressing
WINDOW_BITS = 12
SETTINGS = {"memLevel": 5}


class _Sparing(PerMessageDeflate):
    """Compresses what is long."""

    def encode(self, frame: Frame) -> Frame:
        """Leave a short message as it is; we send every message as one frame."""
        if frame.opcode is Opcode.TEXT and frame.fin and len(frame.data) <= PLAIN_UP_TO:
            return frame
        return super().encode(frame)


class Deflate(ServerPerMessageDeflateFactory):
    """Answers a station's offer; one that cannot do without a window of its own is answered without compression."""

    def __init__(self) -> None:
        super().__init__(
            server_no_context_takeover=True,
            client_no_context_takeover=True,
            server_max_window_bits=WINDOW_BITS,
            compress_settings=SETTINGS,
        )

    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        """Negotiate."""
        answer, agreed = super().process_request_params(params, accepted_extensions)
        return list(answer), _Sparing(
            agreed.remote_no_context_takeover,
            agreed.local_no_context_takeover,
            agreed.remote_max_window_bits,
            agreed.local_max_window_bits,
            agreed.compress_settings,
        )


DEFLATE = Deflate()
