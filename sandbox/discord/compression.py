"""The gateway's transport compression: one stream for a whole connection, flushed per payload."""

import sys
import zlib
from collections.abc import Callable

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdCompressor
else:
    from backports.zstd import ZstdCompressor

Compress = Callable[[str], bytes]


def compressor(name: str | None) -> Compress | None:
    """What a client asked for by ``compress=``; None for no compression."""
    match name:
        case "zlib-stream":
            deflate = zlib.compressobj(level=1)
            return lambda text: deflate.compress(text.encode()) + deflate.flush(zlib.Z_SYNC_FLUSH)
        case "zstd-stream":
            zstd = ZstdCompressor(level=1)
            return lambda text: zstd.compress(text.encode(), ZstdCompressor.FLUSH_BLOCK)
    return None
