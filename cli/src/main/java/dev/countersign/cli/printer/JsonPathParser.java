package dev.countersign.cli.printer;

import dev.countersign.cli.printer.JsonPath.Step;
import dev.countersign.common.text.SafeText;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.TypeConversionException;

/** Reads paths and templates of kubectl's JSONPath. */
final class JsonPathParser {
  private static final String SUPPORTED =
      ".field, ['field'], [0], [-1], [*], {range PATH}...{end} and {\"text\"}";

  private final String whole;
  private int at;

  private JsonPathParser(String whole) {
    this.whole = whole;
  }

  /**
   * A path alone: {@code .a.b}, and as kubectl's {@code --sort-by} also {@code {.a.b}} or {@code
   * a.b}.
   */
  static JsonPath path(String text) {
    String bare = text.strip();
    if (bare.startsWith("{") && bare.endsWith("}")) {
      bare = bare.substring(1, bare.length() - 1).strip();
    }
    if (!bare.isEmpty() && ".[$@".indexOf(bare.charAt(0)) < 0) {
      bare = "." + bare;
    }
    JsonPathParser parser = new JsonPathParser(bare);
    JsonPath path = parser.path();
    if (parser.at < bare.length()) {
      throw parser.refused(bare.substring(parser.at));
    }
    return path;
  }

  /** A template of texts and of expressions in braces; a path alone counts as one expression. */
  static Template template(String text) {
    if (!text.contains("{")) {
      return new Template(List.of(new Template.Values(path(text))));
    }
    JsonPathParser parser = new JsonPathParser(text);
    List<Template.Part> parts = parser.parts(false);
    return new Template(parts);
  }

  private List<Template.Part> parts(boolean inRange) {
    List<Template.Part> parts = new ArrayList<>();
    while (at < whole.length()) {
      int open = whole.indexOf('{', at);
      if (open != at) {
        int end = open < 0 ? whole.length() : open;
        parts.add(new Template.Text(whole.substring(at, end)));
        at = end;
        continue;
      }
      at++;
      skipSpaces();
      if (word("end")) {
        close();
        if (!inRange) {
          throw refused("{end}");
        }
        return parts;
      }
      if (word("range")) {
        JsonPath over = path();
        close();
        parts.add(new Template.Range(over, parts(true)));
      } else if (at < whole.length() && (peek() == '"' || peek() == '\'')) {
        parts.add(new Template.Text(unescaped(quoted())));
        close();
      } else {
        parts.add(new Template.Values(path()));
        close();
      }
    }
    if (inRange) {
      throw new TypeConversionException(
          "got " + SafeText.quote(whole) + ", a {range} without {end}; want both");
    }
    return parts;
  }

  private boolean word(String word) {
    int end = at + word.length();
    boolean here =
        whole.startsWith(word, at)
            && end < whole.length()
            && (whole.charAt(end) == ' ' || whole.charAt(end) == '}');
    if (here) {
      at = end;
      skipSpaces();
    }
    return here;
  }

  private void close() {
    skipSpaces();
    if (at >= whole.length() || peek() != '}') {
      throw refused(whole.substring(Math.min(at, whole.length())));
    }
    at++;
  }

  private JsonPath path() {
    List<Step> steps = new ArrayList<>();
    if (at < whole.length() && (peek() == '$' || peek() == '@')) {
      at++;
    }
    while (at < whole.length() && (peek() == '.' || peek() == '[')) {
      if (peek() == '[') {
        steps.add(bracket());
      } else if (whole.startsWith("..", at)) {
        throw refused("..");
      } else {
        at++;
        field(steps);
      }
    }
    return new JsonPath(steps);
  }

  private void field(List<Step> steps) {
    StringBuilder name = new StringBuilder();
    while (at < whole.length() && ".[]{} ,".indexOf(peek()) < 0) {
      if (peek() == '\\' && at + 1 < whole.length()) {
        at++; // kubectl: \. stands for a dot within a name
      }
      name.append(peek());
      at++;
    }
    if (name.toString().equals("*")) {
      steps.add(new Step.All());
    } else if (!name.isEmpty()) {
      steps.add(new Step.Field(name.toString()));
    } else if (at < whole.length() && "}[ ".indexOf(peek()) < 0) {
      throw refused(whole.substring(at));
    }
  }

  private Step bracket() {
    int open = at++;
    Step step;
    if (at < whole.length() && (peek() == '\'' || peek() == '"')) {
      step = new Step.Field(quoted());
    } else {
      int end = whole.indexOf(']', at);
      String inside = end < 0 ? "" : whole.substring(at, end).strip();
      if (inside.equals("*")) {
        step = new Step.All();
      } else if (inside.matches("-?[0-9]{1,9}")) {
        step = new Step.Index(Integer.parseInt(inside));
      } else {
        throw refused(whole.substring(open, end < 0 ? whole.length() : end + 1));
      }
      at = end;
    }
    if (at >= whole.length() || peek() != ']') {
      throw refused(whole.substring(open));
    }
    at++;
    return step;
  }

  private String quoted() {
    char quote = peek();
    int end = at + 1;
    while (end < whole.length() && whole.charAt(end) != quote) {
      end += whole.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= whole.length()) {
      throw refused(whole.substring(at));
    }
    String inside = whole.substring(at + 1, end);
    at = end + 1;
    return inside;
  }

  private static String unescaped(String text) {
    return text.replace("\\n", "\n")
        .replace("\\t", "\t")
        .replace("\\\"", "\"")
        .replace("\\\\", "\\");
  }

  private void skipSpaces() {
    while (at < whole.length() && peek() == ' ') {
      at++;
    }
  }

  private char peek() {
    return whole.charAt(at);
  }

  private TypeConversionException refused(String part) {
    return new TypeConversionException(
        "got "
            + SafeText.quote(part)
            + " in "
            + SafeText.quote(whole)
            + "; want of kubectl's JSONPath only "
            + SUPPORTED
            + "; -o json has the whole for jq");
  }
}
