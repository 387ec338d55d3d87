package dev.countersign.kube.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;

/**
 * What others wrote into an object's metadata. A PUT replaces metadata as a whole, on the approval
 * subresource of CertificateSigningRequests too (kubernetes pkg/registry/certificates/certificates,
 * csrApprovalStrategy keeps the spec only): what is not sent along is deleted.
 *
 * @param fields JSON by field name
 */
public record KeptMetadata(Map<String, String> fields) {
  /** Nothing to keep. */
  public static final KeptMetadata NONE = new KeptMetadata(Map.of());

  private static final Set<String> FIELDS =
      Set.of("generateName", "labels", "annotations", "finalizers", "ownerReferences");

  /** Copies. */
  public KeptMetadata {
    fields = Map.copyOf(fields);
  }

  /** Whether this field of metadata is to be kept. */
  public static boolean keeps(String field) {
    return FIELDS.contains(field);
  }

  /** The value at the parser, as JSON text; the parser is at its end then. */
  public static String read(JsonParser parser) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = JsonWriting.FACTORY.createGenerator(text)) {
      generator.copyCurrentStructure(parser);
    }
    return text.toString();
  }

  /** Writes the fields into metadata that is open. */
  public void writeTo(JsonGenerator out) {
    fields.forEach(
        (name, json) -> {
          try {
            out.writeFieldName(name);
            out.writeRawValue(json);
          } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
          }
        });
  }
}
