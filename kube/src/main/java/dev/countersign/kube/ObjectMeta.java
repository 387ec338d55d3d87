package dev.countersign.kube;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.kube.json.JsonReading;
import java.io.IOException;

/**
 * What is read of the metadata that every object has ({@code meta/v1.ObjectMeta}), gathered while
 * the object is read in JSON. Used once; not thread-safe.
 */
public final class ObjectMeta {
  private String namespace = "";
  private String name = "";
  private String resourceVersion = "";

  /** Reads an object: its {@code metadata} here, its other fields by {@code others}. */
  public static ObjectMeta of(JsonParser parser, JsonReading.FieldReader others)
      throws IOException {
    ObjectMeta meta = new ObjectMeta();
    JsonReading.object(
        parser,
        field -> {
          if (field.equals("metadata")) {
            meta.read(parser);
          } else {
            others.read(field);
          }
        });
    return meta;
  }

  /** Reads {@code metadata} as a whole. */
  public void read(JsonParser parser) throws IOException {
    JsonReading.object(parser, field -> take(field, parser));
  }

  /**
   * Reads a field of {@code metadata} if it is one of these.
   *
   * @return whether it was
   */
  public boolean take(String field, JsonParser parser) throws IOException {
    switch (field) {
      case "namespace" -> namespace = JsonReading.string(parser);
      case "name" -> name = JsonReading.string(parser);
      case "resourceVersion" -> resourceVersion = JsonReading.string(parser);
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Empty where the object is in none. */
  public String namespace() {
    return namespace;
  }

  /** Empty where it has none. */
  public String name() {
    return name;
  }

  /** Empty where it has none. */
  public String resourceVersion() {
    return resourceVersion;
  }
}
