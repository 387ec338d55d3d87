package dev.countersign.kube.credential;

import dev.countersign.common.text.SafeText;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whom to act as, as {@code --as}, {@code --as-group} and {@code --as-uid} of kubectl say it.
 *
 * @param user name of the user
 * @param groups of the user; where empty, the API server adds none but system:authenticated
 * @param uid of the user
 * @see <a
 *     href="https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation">
 *     User impersonation</a>
 */
public record Impersonation(String user, List<String> groups, Optional<String> uid) {
  /** Refuses what cannot be in a header. */
  public Impersonation {
    groups = List.copyOf(groups);
    if (user.isEmpty()) {
      throw new IllegalArgumentException("--as: got nothing; want the name of a user");
    }
    Stream.concat(Stream.concat(Stream.of(user), groups.stream()), uid.stream())
        .filter(text -> !text.chars().allMatch(c -> c >= ' ' && c <= '~'))
        .findFirst()
        .ifPresent(
            text -> {
              throw new IllegalArgumentException(
                  "--as, --as-group, --as-uid: got "
                      + SafeText.quote(text)
                      + "; want printable ASCII, for an HTTP header");
            });
  }

  Map<String, List<String>> headers() {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    headers.put("Impersonate-User", List.of(user));
    uid.ifPresent(text -> headers.put("Impersonate-Uid", List.of(text)));
    if (!groups.isEmpty()) {
      headers.put("Impersonate-Group", groups);
    }
    return Collections.unmodifiableMap(headers);
  }
}
