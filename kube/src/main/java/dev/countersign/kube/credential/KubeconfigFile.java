package dev.countersign.kube.credential;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.countersign.common.text.SafeText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One kubeconfig file (client-go's {@code clientcmd/api/v1}): named clusters, users, contexts. */
final class KubeconfigFile {
  private static final long MAX_BYTES = 4 * 1024 * 1024;

  private final Path file;
  private final Map<String, Object> root;
  private final Map<String, Map<String, KubeconfigEntry>> lists;

  private KubeconfigFile(Path file, Map<String, Object> root) throws CredentialProblem {
    this.file = file;
    this.root = root;
    this.lists = lists(new KubeconfigEntry(file, "", root));
  }

  Path path() {
    return file;
  }

  static KubeconfigFile read(Path file) throws CredentialProblem {
    String text;
    try {
      if (Files.isDirectory(file)) {
        throw new CredentialProblem(file + ": got a directory; want a kubeconfig file");
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new CredentialProblem(file + ": got more than 4 MiB; want a kubeconfig file");
      }
      text = Files.readString(file, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new CredentialProblem(
          file + ": got no such file; want a kubeconfig; give one with --kubeconfig FILE", e);
    } catch (AccessDeniedException e) {
      throw new CredentialProblem(
          file + ": got no permission to read it; run as its owner or change its mode", e);
    } catch (CredentialProblem e) {
      throw e;
    } catch (IOException e) {
      throw new CredentialProblem(file + ": got unreadable text; want a kubeconfig in UTF-8", e);
    }
    YAMLFactory factory =
        YAMLFactory.builder()
            .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    try (JsonParser parser = factory.createParser(text)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        // kubectl makes such files: an empty one holds no contexts.
        return new KubeconfigFile(file, Map.of());
      }
      if (first == JsonToken.START_OBJECT && tree(parser) instanceof Map<?, ?> map) {
        return new KubeconfigFile(file, KubeconfigEntry.copy(map));
      }
    } catch (CredentialProblem e) {
      throw e;
    } catch (JacksonException e) {
      // The location only: the message quotes the text, which holds keys and tokens.
      throw new CredentialProblem(
          file
              + ": got text that is no YAML or has a field twice, near line "
              + e.getLocation().getLineNr()
              + "; want a kubeconfig");
    } catch (IOException e) {
      throw new CredentialProblem(file + ": got unreadable text; want a kubeconfig", e);
    }
    throw new CredentialProblem(
        file + ": got no mapping; want a kubeconfig, YAML with clusters, users and contexts");
  }

  private static @Nullable Object tree(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        map.put(name, tree(parser));
      }
      return map;
    }
    if (token == JsonToken.START_ARRAY) {
      List<@Nullable Object> list = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        list.add(tree(parser));
      }
      return list;
    }
    return token == null || token == JsonToken.VALUE_NULL ? null : parser.getText();
  }

  /** Its {@code current-context}; empty where there is none. */
  String currentContext() throws CredentialProblem {
    return new KubeconfigEntry(file, "", root).text("current-context");
  }

  /** The names in one of its lists, in their order. */
  List<String> names(String list) {
    return List.copyOf(lists.getOrDefault(list, Map.of()).keySet());
  }

  /**
   * A cluster, user or context by its name.
   *
   * @param list {@code clusters}, {@code users} or {@code contexts}
   * @param field what an item of the list holds beside its name, such as {@code cluster}
   */
  Optional<KubeconfigEntry> entry(String list, String field, String name) throws CredentialProblem {
    KubeconfigEntry item = lists.getOrDefault(list, Map.of()).get(name);
    if (item == null) {
      return Optional.empty();
    }
    String path = list + "[" + SafeText.line(name) + "]." + field;
    return Optional.of(
        item.child(field)
            .map(child -> child.movedTo(path))
            .orElseGet(() -> KubeconfigEntry.empty(file, path)));
  }

  /** Items of the lists by their names; a name that is there twice is refused, as by client-go. */
  private static Map<String, Map<String, KubeconfigEntry>> lists(KubeconfigEntry root)
      throws CredentialProblem {
    Map<String, Map<String, KubeconfigEntry>> lists = new LinkedHashMap<>();
    for (String list : List.of("clusters", "users", "contexts")) {
      Map<String, KubeconfigEntry> items = new LinkedHashMap<>();
      for (KubeconfigEntry item : root.children(list)) {
        String name = item.text("name");
        if (items.putIfAbsent(name, item) != null) {
          throw item.problem(
              "name",
              SafeText.quote(name) + " a second time",
              "each name once; kubectl refuses such a file, too");
        }
      }
      lists.put(list, items);
    }
    return lists;
  }
}
