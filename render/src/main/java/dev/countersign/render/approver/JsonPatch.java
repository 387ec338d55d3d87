package dev.countersign.render.approver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * JSON Patch (RFC 6902) from one object to another, for objects that somebody else may have patched
 * before: what is appended to a list goes to its end, and an element is tested before it is
 * changed.
 */
final class JsonPatch {
  private final ArrayNode operations = JsonNodeFactory.instance.arrayNode();

  private JsonPatch() {}

  /** The operations, none where the two are equal. */
  static ArrayNode between(JsonNode from, JsonNode to) {
    JsonPatch patch = new JsonPatch();
    patch.change("", from, to);
    return patch.operations;
  }

  private void change(String path, JsonNode from, JsonNode to) {
    if (from.equals(to)) {
      return;
    }
    if (from.isObject() && to.isObject()) {
      fields(path, from, to);
    } else if (from.isArray() && to.isArray() && keepsElements(from, to)) {
      elements(path, from, to);
    } else {
      operation("replace", path).set("value", to);
    }
  }

  private void fields(String path, JsonNode from, JsonNode to) {
    for (Map.Entry<String, JsonNode> field : from.properties()) {
      JsonNode other = to.get(field.getKey());
      String at = path + "/" + escaped(field.getKey());
      if (other == null) {
        operation("remove", at);
      } else {
        change(at, field.getValue(), other);
      }
    }
    for (Map.Entry<String, JsonNode> field : to.properties()) {
      if (!from.has(field.getKey())) {
        operation("add", path + "/" + escaped(field.getKey())).set("value", field.getValue());
      }
    }
  }

  /** Whether each element of a list is there in the other one, perhaps changed. */
  private static boolean keepsElements(JsonNode from, JsonNode to) {
    for (int i = 0; i < from.size(); i++) {
      JsonNode old = from.get(i);
      JsonNode other = to.path(i);
      boolean same =
          old.isValueNode()
              ? other.isValueNode()
              : old.equals(other) || (old.has("name") && old.get("name").equals(other.get("name")));
      if (!same) {
        return false;
      }
    }
    return true;
  }

  private void elements(String path, JsonNode from, JsonNode to) {
    for (int i = 0; i < from.size(); i++) {
      JsonNode old = from.get(i);
      String at = path + "/" + i;
      if (!old.equals(to.get(i))) {
        String tested = old.isValueNode() ? at : at + "/name";
        operation("test", tested).set("value", old.isValueNode() ? old : old.get("name"));
        change(at, old, to.get(i));
      }
    }
    for (int i = from.size(); i < to.size(); i++) {
      operation("add", path + "/-").set("value", to.get(i));
    }
  }

  private ObjectNode operation(String name, String path) {
    return operations.addObject().put("op", name).put("path", path);
  }

  /** A token of a JSON Pointer, RFC 6901, section 3. */
  private static String escaped(String field) {
    return field.replace("~", "~0").replace("/", "~1");
  }
}
