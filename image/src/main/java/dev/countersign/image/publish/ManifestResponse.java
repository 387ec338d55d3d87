package dev.countersign.image.publish;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;

/** A manifest as a registry served it, its digest verified. Immutable. */
public final class ManifestResponse {
  private final Descriptor descriptor;
  private final byte[] bytes;

  ManifestResponse(Descriptor descriptor, byte[] bytes) {
    this.descriptor = descriptor;
    this.bytes = bytes;
  }

  public Descriptor descriptor() {
    return descriptor;
  }

  public JsonNode json() {
    return Layout.parse(descriptor.digest().toString(), bytes);
  }
}
