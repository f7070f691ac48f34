"""A picture, a sound and a film for a website, made here: no binary files in the repository."""

import base64
import io
import math
import struct
import wave
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

# A second of a moving square, recorded by the browser itself.
_RECORD = """() => new Promise((resolve, reject) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 90 });
  const brush = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm" });
  let step = 0;
  const timer = setInterval(() => {
    brush.fillStyle = `hsl(${(step += 9)}, 80%, 50%)`;
    brush.fillRect(0, 0, 160, 90);
  }, 40);
  recorder.ondataavailable = async ({ data }) => {
    clearInterval(timer);
    const bytes = new Uint8Array(await data.arrayBuffer());
    resolve(btoa(String.fromCharCode(...bytes)));
  };
  recorder.onerror = reject;
  recorder.start();
  setTimeout(() => recorder.stop(), 1200);
})"""


def png(width: int = 120, height: int = 80) -> bytes:
    rows = b"".join(
        b"\x00" + b"".join(bytes((x * 2, y * 3, 160)) for x in range(width)) for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def wav(seconds: int) -> bytes:
    """A tone; 86 KiB a second, so that a browser does not fetch a long one whole."""
    rate = 44_100
    second = b"".join(
        struct.pack("<h", int(6000 * math.sin(2 * math.pi * 440 * n / rate))) for n in range(rate)
    )
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(second * seconds)
    return stream.getvalue()


def webm(page: "Page") -> bytes:
    return base64.b64decode(page.evaluate(_RECORD))
