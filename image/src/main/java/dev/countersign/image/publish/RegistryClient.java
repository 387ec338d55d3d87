package dev.countersign.image.publish;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.image.ImageRefusal;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.oci.MediaTypes;
import dev.countersign.image.plan.Checksum;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One repository of a registry, over the OCI distribution specification 1.1. Large blobs go up in
 * chunks and are taken up where a broken connection left them. Credentials go to the registry and
 * to the token server it names, never to where a redirect leads. Thread-safe.
 */
public final class RegistryClient {
  private static final int CHUNK = 8 << 20;
  private static final int LARGEST_MANIFEST = 8 << 20;
  private static final int MOST_REDIRECTS = 5;
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(20);
  private static final Pattern PARAMETER = Pattern.compile("([A-Za-z]+)=\"([^\"]*)\"");
  private static final String ACCEPTED =
      String.join(
          ", ",
          MediaTypes.INDEX,
          MediaTypes.MANIFEST,
          MediaTypes.DOCKER_LIST,
          MediaTypes.DOCKER_MANIFEST);

  private final Repository repository;
  private final Optional<Credentials> credentials;
  private final HttpClient client;
  private final Patience patience;
  private final ConcurrentHashMap<String, String> tokens = new ConcurrentHashMap<>();
  private volatile boolean basic;

  /**
   * How often and how fast a request is tried again.
   *
   * @param attempts at least 1
   * @param firstPause before the second attempt; doubled for each further one
   * @param answer longest wait for the head of an answer, the request's upload (at most 8 MiB)
   *     included
   */
  public record Patience(int attempts, Duration firstPause, Duration answer) {
    public Patience {
      Objects.requireNonNull(firstPause, "firstPause");
      Objects.requireNonNull(answer, "answer");
    }

    /** Six attempts over half a minute, five minutes for an answer. */
    public static Patience usual() {
      return new Patience(6, Duration.ofSeconds(1), Duration.ofMinutes(5));
    }
  }

  /** A manifest as it was served, its digest verified. Immutable. */
  public static final class Served {
    private final Descriptor descriptor;
    private final byte[] bytes;

    private Served(Descriptor descriptor, byte[] bytes) {
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

  public RegistryClient(
      Repository repository,
      Optional<Credentials> credentials,
      HttpClient client,
      Patience patience) {
    this.repository = repository;
    this.credentials = credentials;
    this.client = client;
    this.patience = patience;
  }

  public Repository repository() {
    return repository;
  }

  /** Whether the registry has the blob. */
  public boolean hasBlob(Checksum digest) throws IOException {
    URI address = repository.resolve("blobs/" + digest);
    HttpResponse<byte[]> response =
        send(
            () ->
                HttpRequest.newBuilder(address)
                    .header("Accept", "*/*")
                    .method("HEAD", HttpRequest.BodyPublishers.noBody()),
            "pull");
    return switch (response.statusCode()) {
      case 200 -> true;
      case 307, 302 -> true;
      case 404 -> false;
      default -> throw unexpected(response, "200 or 404");
    };
  }

  /** Uploads a blob unless the registry has it. */
  public void pushBlob(Descriptor descriptor, Path file) throws IOException {
    if (hasBlob(descriptor.digest())) {
      return;
    }
    Duration pause = patience.firstPause();
    IOException last = null;
    for (int attempt = 1; attempt <= patience.attempts(); attempt++) {
      try {
        upload(descriptor, file);
        return;
      } catch (RegistryException answered) {
        if (!answered.mayPass() && answered.status() != 404 && answered.status() != 416) {
          throw answered;
        }
        last = answered;
      } catch (GaveUp silent) {
        // One request was tried as often as there is patience for; the registry is gone.
        throw silent;
      } catch (IOException broken) {
        last = broken;
      }
      pause = sleep(pause);
    }
    throw new IOException(
        repository + " " + descriptor.digest() + ": " + patience.attempts() + " attempts", last);
  }

  private void upload(Descriptor descriptor, Path file) throws IOException {
    HttpResponse<byte[]> started =
        send(
            () ->
                HttpRequest.newBuilder(repository.resolve("blobs/uploads/"))
                    .POST(HttpRequest.BodyPublishers.noBody()),
            "pull,push");
    expect(started, 202);
    URI session = location(started);
    long sent = 0;
    int failures = 0;
    try (FileChannel channel = FileChannel.open(file)) {
      while (sent < descriptor.size()) {
        byte[] chunk = read(channel, sent, (int) Math.min(CHUNK, descriptor.size() - sent));
        long from = sent;
        URI target = session;
        try {
          HttpResponse<byte[]> response =
              sendOnce(
                  HttpRequest.newBuilder(target)
                      .header("Content-Type", "application/octet-stream")
                      .header("Content-Range", from + "-" + (from + chunk.length - 1))
                      .method("PATCH", HttpRequest.BodyPublishers.ofByteArray(chunk)),
                  "pull,push");
          expect(response, 202);
          session = location(response);
          sent += chunk.length;
        } catch (IOException broken) {
          if (++failures >= patience.attempts()
              || (broken instanceof RegistryException answered && !answered.mayPass())) {
            throw broken;
          }
          sleep(patience.firstPause());
          // Where did it stop? The session's status says (distribution specification, pull
          // progress).
          HttpResponse<byte[]> status =
              send(() -> HttpRequest.newBuilder(target).GET(), "pull,push");
          expect(status, 204);
          session = location(status);
          sent = status.headers().firstValue("Range").map(range -> received(range)).orElse(0L);
        }
      }
    }
    String query =
        "digest=" + URLEncoder.encode(descriptor.digest().toString(), StandardCharsets.UTF_8);
    URI finish = URI.create(session + (session.getRawQuery() == null ? "?" : "&") + query);
    HttpResponse<byte[]> response =
        send(
            () ->
                HttpRequest.newBuilder(finish)
                    .header("Content-Type", "application/octet-stream")
                    .PUT(HttpRequest.BodyPublishers.noBody()),
            "pull,push");
    expect(response, 201);
  }

  private static byte[] read(FileChannel channel, long at, int size) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(size);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, at + buffer.position()) < 0) {
        throw new IOException("the blob's file was cut off");
      }
    }
    return buffer.array();
  }

  private static long received(String range) {
    Matcher matcher = Pattern.compile("(?:bytes=)?0-([0-9]{1,18})").matcher(range);
    return matcher.matches() ? Long.parseLong(matcher.group(1)) + 1 : 0;
  }

  private URI location(HttpResponse<byte[]> response) throws IOException {
    String location =
        response
            .headers()
            .firstValue("Location")
            .orElseThrow(() -> unexpected(response, "a Location"));
    return response.uri().resolve(location);
  }

  /** Puts a manifest under a digest or tag; says whether the registry keeps referrers by itself. */
  public boolean pushManifest(String reference, String mediaType, byte[] bytes) throws IOException {
    HttpResponse<byte[]> response =
        send(
            () ->
                HttpRequest.newBuilder(repository.resolve("manifests/" + reference))
                    .header("Content-Type", mediaType)
                    .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)),
            "pull,push");
    expect(response, 201);
    return response.headers().firstValue("OCI-Subject").isPresent();
  }

  /**
   * A manifest by tag or digest; nothing where there is none.
   *
   * @throws ImageRefusal where another one is served under a digest
   */
  public Optional<Served> manifest(String reference) throws IOException {
    HttpResponse<byte[]> response =
        send(
            () ->
                HttpRequest.newBuilder(repository.resolve("manifests/" + reference))
                    .header("Accept", ACCEPTED)
                    .GET(),
            "pull");
    if (response.statusCode() == 404) {
      return Optional.empty();
    }
    expect(response, 200);
    if (response.body().length > LARGEST_MANIFEST) {
      throw new ImageRefusal(
          repository + " " + reference, response.body().length + " bytes", "a manifest");
    }
    Checksum found = Checksum.ofSha256(response.body());
    if (Checksum.parse(reference).filter(wanted -> !wanted.equals(found)).isPresent()) {
      throw new ImageRefusal(
          repository + "@" + reference, found.toString(), reference, "the registry altered it");
    }
    String mediaType =
        response.headers().firstValue("Content-Type").orElse(MediaTypes.MANIFEST).split(";", 2)[0];
    return Optional.of(
        new Served(Descriptor.of(mediaType, found, response.body().length), response.body()));
  }

  /**
   * What refers to a manifest, e.g. its list of contents: by the registry's own interface, else by
   * the tag that takes its place (distribution specification 1.1, referrers tag schema).
   */
  public List<Descriptor> referrers(Checksum digest) throws IOException {
    HttpResponse<byte[]> response =
        send(
            () ->
                HttpRequest.newBuilder(repository.resolve("referrers/" + digest))
                    .header("Accept", MediaTypes.INDEX)
                    .GET(),
            "pull");
    JsonNode index;
    if (response.statusCode() == 200) {
      index = Layout.parse("referrers of " + digest, response.body());
    } else {
      Optional<Served> tagged = manifest(fallbackTag(digest));
      if (tagged.isEmpty()) {
        return List.of();
      }
      index = tagged.get().json();
    }
    var all = new ArrayList<Descriptor>();
    for (JsonNode each : index.path("manifests")) {
      all.add(Descriptor.parse("referrers of " + digest, each));
    }
    return all;
  }

  static String fallbackTag(Checksum digest) {
    return digest.algorithm().word() + "-" + digest.hex();
  }

  /** Reads a blob into a stream and verifies it; nothing of it may be used before this returns. */
  public void pullBlob(Descriptor descriptor, OutputStream out) throws IOException {
    URI address = repository.resolve("blobs/" + descriptor.digest());
    HttpResponse<InputStream> response = null;
    boolean own = true;
    for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
      HttpRequest.Builder request = HttpRequest.newBuilder(address).GET();
      if (own) {
        authorize(request, "pull");
      }
      response = transmit(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      if (response.statusCode() == 401 && own && hop == 0) {
        response.body().close();
        if (!authenticate(response, "pull")) {
          break;
        }
        continue;
      }
      if (response.statusCode() != 307 && response.statusCode() != 302) {
        break;
      }
      response.body().close();
      URI next =
          address.resolve(
              response
                  .headers()
                  .firstValue("Location")
                  .orElseThrow(() -> new IOException(repository + ": a redirect to nowhere")));
      own = own && sameOrigin(next);
      address = next;
    }
    if (response == null || response.statusCode() != 200) {
      throw new RegistryException(
          response == null ? 0 : response.statusCode(),
          repository
              + " blob "
              + descriptor.digest()
              + ": got status "
              + (response == null ? "none" : response.statusCode())
              + "; want 200");
    }
    MessageDigest digest = descriptor.digest().algorithm().start();
    long size = 0;
    try (InputStream in = response.body()) {
      byte[] buffer = new byte[1 << 16];
      int count = in.read(buffer);
      while (count >= 0 && size <= descriptor.size()) {
        size += count;
        digest.update(buffer, 0, count);
        out.write(buffer, 0, count);
        count = in.read(buffer);
      }
    }
    Checksum found = Checksum.finish(descriptor.digest().algorithm(), digest);
    if (size != descriptor.size() || !found.equals(descriptor.digest())) {
      throw new ImageRefusal(
          repository + " blob",
          found + " of " + size + " bytes",
          descriptor.digest() + " of " + descriptor.size() + " bytes");
    }
  }

  /** A request that got no answer however often it was tried. */
  private static final class GaveUp extends IOException {
    private static final long serialVersionUID = 1;

    GaveUp(String message, Throwable last) {
      super(message, last);
    }
  }

  private interface RequestMaker {
    HttpRequest.Builder make();
  }

  /** Sends with retries; the caller judges the status. */
  private HttpResponse<byte[]> send(RequestMaker maker, String actions) throws IOException {
    Duration pause = patience.firstPause();
    for (int attempt = 1; ; attempt++) {
      try {
        HttpResponse<byte[]> response = sendOnce(maker.make(), actions);
        boolean mayPass = response.statusCode() == 429 || response.statusCode() >= 500;
        if (!mayPass || attempt >= patience.attempts()) {
          return response;
        }
      } catch (ImageRefusal refusal) {
        throw refusal;
      } catch (IOException broken) {
        if (attempt >= patience.attempts()) {
          throw new GaveUp(
              repository
                  + ": "
                  + attempt
                  + " attempts; the last: "
                  + Objects.requireNonNullElse(
                      broken.getMessage(), broken.getClass().getSimpleName()),
              broken);
        }
      }
      pause = sleep(pause);
    }
  }

  private HttpResponse<byte[]> sendOnce(HttpRequest.Builder request, String actions)
      throws IOException {
    HttpRequest first = request.copy().build();
    boolean own = sameOrigin(first.uri());
    if (own) {
      authorize(request, actions);
    }
    HttpResponse<byte[]> response =
        transmit(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    if (response.statusCode() == 401 && own && authenticate(response, actions)) {
      HttpRequest.Builder again = HttpRequest.newBuilder(first, (_, _) -> true);
      authorize(again, actions);
      response = transmit(again.build(), HttpResponse.BodyHandlers.ofByteArray());
    }
    return response;
  }

  private <T> HttpResponse<T> transmit(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws IOException {
    try {
      // Without a limit of its own the runtime's client waits for an answer forever.
      HttpRequest bounded =
          HttpRequest.newBuilder(request, (_, _) -> true).timeout(patience.answer()).build();
      return client.send(bounded, handler);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException(repository + ": interrupted", interrupted);
    }
  }

  private boolean sameOrigin(URI address) {
    URI base = URI.create(repository.base());
    return base.getScheme().equals(address.getScheme())
        && base.getRawAuthority().equals(address.getRawAuthority());
  }

  private void authorize(HttpRequest.Builder request, String actions) {
    String token = tokens.get(actions);
    if (token != null) {
      request.setHeader("Authorization", "Bearer " + token);
    } else if (basic) {
      credentials.ifPresent(each -> request.setHeader("Authorization", each.basicHeader()));
    }
  }

  /** Does what the challenge asks for; says whether another attempt makes sense. */
  private boolean authenticate(HttpResponse<?> response, String actions) throws IOException {
    for (String challenge : response.headers().allValues("WWW-Authenticate")) {
      // Uploads run side by side: what counts is what this request carried, not what others have
      // found out since.
      boolean refused =
          response.request().headers().firstValue("Authorization").orElse("").startsWith("Basic ");
      if (challenge.regionMatches(true, 0, "Basic", 0, 5) && credentials.isPresent() && !refused) {
        basic = true;
        return true;
      }
      if (challenge.regionMatches(true, 0, "Bearer", 0, 6)) {
        tokens.remove(actions);
        tokens.put(actions, token(challenge, actions));
        return true;
      }
    }
    return false;
  }

  private String token(String challenge, String actions) throws IOException {
    String realm = "";
    String service = "";
    Matcher matcher = PARAMETER.matcher(challenge);
    while (matcher.find()) {
      switch (matcher.group(1).toLowerCase(java.util.Locale.ROOT)) {
        case "realm" -> realm = matcher.group(2);
        case "service" -> service = matcher.group(2);
        default -> {}
      }
    }
    boolean safe =
        realm.startsWith("https://") || (repository.plainHttp() && realm.startsWith("http://"));
    if (!safe) {
      throw new ImageRefusal(
          repository + " token server", realm, "an https address", "credentials were not sent");
    }
    String scope = "repository:" + repository.name() + ":" + actions;
    HttpRequest.Builder request;
    if (credentials.isPresent() && credentials.get().isIdentityToken()) {
      request =
          HttpRequest.newBuilder(URI.create(realm))
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      "grant_type=refresh_token&client_id=countersign&service="
                          + encode(service)
                          + "&scope="
                          + encode(scope)
                          + "&refresh_token="
                          + encode(credentials.get().refreshToken())));
    } else {
      request =
          HttpRequest.newBuilder(
                  URI.create(
                      realm
                          + (realm.contains("?") ? "&" : "?")
                          + "service="
                          + encode(service)
                          + "&scope="
                          + encode(scope)))
              .GET();
      if (credentials.isPresent()) {
        request.header("Authorization", credentials.get().basicHeader());
      }
    }
    HttpResponse<byte[]> response =
        transmit(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    if (response.statusCode() != 200) {
      throw new RegistryException(
          response.statusCode(),
          repository
              + " token server: got status "
              + response.statusCode()
              + "; want 200; check the credentials for "
              + repository.host());
    }
    JsonNode tree = Layout.parse(repository + " token", response.body());
    String token = tree.path("token").asText(tree.path("access_token").asText());
    if (token.isEmpty()) {
      throw new IOException(repository + " token server: got no token; want one");
    }
    return token;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private void expect(HttpResponse<byte[]> response, int status) throws IOException {
    if (response.statusCode() != status) {
      throw unexpected(response, Integer.toString(status));
    }
  }

  private RegistryException unexpected(HttpResponse<byte[]> response, String want) {
    String body = new String(response.body(), StandardCharsets.UTF_8).strip();
    String next =
        response.statusCode() == 401 || response.statusCode() == 403
            ? "; log in to " + repository.host() + " with podman or docker, or give --authfile"
            : body.isEmpty() ? "" : "; it says " + ImageRefusal.printable(body);
    return new RegistryException(
        response.statusCode(),
        repository
            + " "
            + response.request().method()
            + " "
            + response.uri().getPath()
            + ": got status "
            + response.statusCode()
            + "; want "
            + want
            + next);
  }

  private static Duration sleep(Duration pause) throws IOException {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", interrupted);
    }
    Duration next = pause.multipliedBy(2);
    return next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next;
  }
}
