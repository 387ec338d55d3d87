package dev.countersign.kube.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes small JSON bodies. */
public final class JsonWriting {
  /** Writes the fields of the outermost object. */
  @FunctionalInterface
  public interface ObjectWriter {
    /** Writes into an object that is already open and is closed afterwards. */
    void write(JsonGenerator generator) throws IOException;
  }

  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonWriting() {}

  /** The UTF-8 bytes of one object. */
  public static byte[] object(ObjectWriter writer) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
    try (JsonGenerator generator = FACTORY.createGenerator(out)) {
      generator.writeStartObject();
      writer.write(generator);
      generator.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return out.toByteArray();
  }
}
