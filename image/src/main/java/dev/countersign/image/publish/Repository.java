package dev.countersign.image.publish;

import dev.countersign.image.ImageException;
import dev.countersign.image.plan.Digest;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A repository in a registry, like {@code quay.io/poseidon/kubelet}. Spelled with {@code http://}
 * it is talked to without TLS; there is no silent fall-back.
 */
public record Repository(String host, String name, boolean plainHttp) {
  private static final Pattern NAME =
      Pattern.compile(
          "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*");
  private static final Pattern HOST =
      Pattern.compile("(?:[A-Za-z0-9][A-Za-z0-9.-]*|\\[[0-9A-Fa-f:]+])(?::[0-9]{1,5})?");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  private static final String WANT =
      "registry/repository, e.g. quay.io/poseidon/kubelet (http:// in front for a registry without"
          + " TLS)";

  public Repository {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(name, "name");
  }

  /** Something in a repository, by tag or by digest. */
  public record Reference(Repository repository, String tagOrDigest) {
    /** Reads {@code registry/repository:tag} or {@code …@sha256:…}. */
    public static Reference parse(String text) {
      int at = text.indexOf('@');
      if (at > 0) {
        String digest = text.substring(at + 1);
        if (Digest.parse(digest).isEmpty()) {
          throw new ImageException(text, digest, "sha256:… after the @");
        }
        return new Reference(Repository.parse(text.substring(0, at)), digest);
      }
      int colon = text.lastIndexOf(':');
      if (colon <= text.lastIndexOf('/')) {
        throw new ImageException(text, "no tag", "registry/repository:tag or …@sha256:…");
      }
      String tag = text.substring(colon + 1);
      requireTag(tag);
      return new Reference(Repository.parse(text.substring(0, colon)), tag);
    }

    @Override
    public String toString() {
      return repository + (Digest.parse(tagOrDigest).isPresent() ? "@" : ":") + tagOrDigest;
    }
  }

  /**
   * Reads a repository.
   *
   * @throws ImageException where it is none, or where its registry is left out
   */
  public static Repository parse(String text) {
    boolean plain = text.startsWith("http://");
    String rest = text.replaceFirst("^https?://", "");
    int slash = rest.indexOf('/');
    String host = slash < 0 ? "" : rest.substring(0, slash);
    String name = rest.substring(slash + 1);
    boolean isHost =
        host.contains(".")
            || host.contains(":")
            || host.equals("localhost")
            || text.contains("://");
    if (!isHost || !HOST.matcher(host).matches() || !NAME.matcher(name).matches()) {
      throw new ImageException("repository", text, WANT);
    }
    if (host.equals("docker.io") && !name.contains("/")) {
      name = "library/" + name;
    }
    return new Repository(host, name, plain);
  }

  /** Refuses what is not a tag. */
  public static void requireTag(String tag) {
    if (!TAG.matcher(tag).matches()) {
      throw new ImageException("tag", tag, "1 to 128 letters, digits, dots, dashes, underscores");
    }
  }

  /** The address of something below {@code /v2/NAME/}. */
  URI resolve(String path) {
    return URI.create(base() + "/v2/" + name + "/" + path);
  }

  /** Scheme and host of the registry's interface; Docker Hub's differs from its name. */
  String base() {
    String served = host.equals("docker.io") ? "registry-1.docker.io" : host;
    return (plainHttp ? "http://" : "https://") + served;
  }

  /** The same without TLS. */
  public Repository withPlainHttp() {
    return new Repository(host, name, true);
  }

  /** Names under which credentials may be kept, the most specific first. */
  List<String> credentialKeys() {
    var keys = new ArrayList<String>();
    String path = host + "/" + name;
    while (path.contains("/")) {
      keys.add(path);
      path = path.substring(0, path.lastIndexOf('/'));
    }
    keys.add(host);
    if (host.equals("docker.io")) {
      keys.add("index.docker.io");
      keys.add("registry-1.docker.io");
    }
    return keys;
  }

  /** Names that credential helpers may know the registry by; docker keeps Docker Hub's so. */
  List<String> helperKeys() {
    var keys = new ArrayList<String>();
    if (host.equals("docker.io")) {
      keys.add("https://index.docker.io/v1/");
    }
    keys.addAll(credentialKeys());
    keys.add("https://" + host);
    return keys;
  }

  /**
   * An auth file's key in the form of {@link #credentialKeys()}: docker login has written {@code
   * https://host/v1/} and {@code https://host/v2/}, too.
   */
  static String credentialKey(String key) {
    return key.replaceFirst("^https?://", "").replaceFirst("(/v[12])?/*$", "");
  }

  @Override
  public String toString() {
    return (plainHttp ? "http://" : "") + host + "/" + name;
  }
}
