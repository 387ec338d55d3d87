package dev.countersign.image.assemble;

import com.github.luben.zstd.ZstdOutputStream;
import dev.countersign.image.oci.MediaTypes;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.ExecutorService;

/** How layers are compressed; each way gives the same bytes on every machine. */
public enum Compression {
  /** For every runtime. */
  GZIP(MediaTypes.LAYER),
  /**
   * Smaller and quicker; containerd from 1.5, Podman and CRI-O from 2020, Docker from 23 take it.
   * The bytes are those of the zstd that this program brings: another release of it may compress
   * otherwise, so a rebuild takes the same release of this program.
   */
  ZSTD(MediaTypes.LAYER_ZSTD);

  private static final int ZSTD_LEVEL = 12;

  private final String mediaType;

  Compression(String mediaType) {
    this.mediaType = mediaType;
  }

  /** The media type of a layer. */
  public String mediaType() {
    return mediaType;
  }

  /** A stream that compresses; closing it closes the other. */
  OutputStream compress(OutputStream out, ExecutorService workers) throws IOException {
    return switch (this) {
      case GZIP -> new ParallelGzip(out, workers);
      // With threads of its own, zstd would cut its input by their number.
      case ZSTD -> new ZstdOutputStream(out, ZSTD_LEVEL).setChecksum(true);
    };
  }
}
