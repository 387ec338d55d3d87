package dev.countersign.image.publish;

import dev.countersign.image.ImageException;
import dev.countersign.image.fetch.HttpProxies;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to one registry: with credentials to its own origin only, again where it may help,
 * and with words for what went wrong. Thread-safe.
 */
final class RegistryTransport {
  private static final int MOST_REDIRECTS = 5;
  private static final Duration FIRST_RESPONSE = Duration.ofSeconds(30);
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  private final Repository repository;
  private final RegistryAuthorization authorization;
  private final HttpProxies.Client client;
  private final RetryPolicy retries;
  private volatile boolean reached;

  RegistryTransport(
      Repository repository,
      RegistryAuthorization authorization,
      HttpProxies.Client client,
      RetryPolicy retries) {
    this.repository = repository;
    this.authorization = authorization;
    this.client = client;
    this.retries = retries;
  }

  /** A request that is made anew for each attempt. */
  interface RequestMaker {
    HttpRequest.Builder make();
  }

  /** No response however often it was asked for, or nothing that asking again would change. */
  static final class NoResponse extends IOException {
    private static final long serialVersionUID = 1;

    NoResponse(String message, Throwable last) {
      super(message, last);
    }
  }

  RetryPolicy retries() {
    return retries;
  }

  /** Sends with retries; the caller judges the status. */
  HttpResponse<byte[]> send(RequestMaker maker, String actions) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        HttpResponse<byte[]> response =
            sendOnce(maker.make(), actions, HttpResponse.BodyHandlers.ofByteArray());
        if (!RegistryException.mayPass(response.statusCode()) || attempt >= retries.attempts()) {
          return response;
        }
      } catch (NoResponse decided) {
        throw decided;
      } catch (IOException broken) {
        if (broken instanceof RegistryException answered
            && !RegistryException.mayPass(answered.status())) {
          throw broken;
        }
        if (attempt >= retries.attempts()) {
          throw new NoResponse(
              broken.getMessage() + " (" + attempt + " attempts)",
              Objects.requireNonNullElse(broken.getCause(), broken));
        }
      }
      retries.pauseAfter(attempt);
    }
  }

  /** Sends once, but for authentication and the redirects of what is only read. */
  <T> HttpResponse<T> sendOnce(
      HttpRequest.Builder request, String actions, HttpResponse.BodyHandler<T> handler)
      throws IOException {
    HttpRequest first = request.copy().build();
    HttpResponse<T> response = authorized(first, actions, handler);
    URI address = first.uri();
    boolean own = sameOrigin(address);
    for (int hop = 0; hop < MOST_REDIRECTS && isRead(first) && isRedirect(response); hop++) {
      if (response.body() instanceof AutoCloseable open) {
        close(open);
      }
      String location =
          response
              .headers()
              .firstValue("Location")
              .orElseThrow(
                  () ->
                      new IOException(
                          repository + ": got a redirect without a Location; want one"));
      address = resolved(address, location);
      // Once elsewhere, never with credentials again, wherever that leads.
      own = own && sameOrigin(address);
      HttpRequest next = HttpRequest.newBuilder(first, (_, _) -> true).uri(address).build();
      response = own ? authorized(next, actions, handler) : transmit(next, handler);
    }
    return response;
  }

  private static boolean isRead(HttpRequest request) {
    return request.method().equals("GET");
  }

  private static boolean isRedirect(HttpResponse<?> response) {
    return REDIRECTS.contains(response.statusCode());
  }

  private static void close(AutoCloseable open) throws IOException {
    try {
      open.close();
    } catch (IOException failure) {
      throw failure;
    } catch (Exception impossible) {
      throw new IOException(impossible);
    }
  }

  private <T> HttpResponse<T> authorized(
      HttpRequest request, String actions, HttpResponse.BodyHandler<T> handler) throws IOException {
    if (!sameOrigin(request.uri())) {
      return transmit(request, handler);
    }
    HttpRequest.Builder carrying = HttpRequest.newBuilder(request, (_, _) -> true);
    authorization.authorize(carrying, actions);
    HttpResponse<T> response = transmit(carrying.build(), handler);
    if (response.statusCode() == 401
        && authorization.authenticate(
            response,
            actions,
            asking -> transmit(asking, HttpResponse.BodyHandlers.ofByteArray()))) {
      if (response.body() instanceof AutoCloseable open) {
        close(open);
      }
      HttpRequest.Builder again = HttpRequest.newBuilder(request, (_, _) -> true);
      authorization.authorize(again, actions);
      response = transmit(again.build(), handler);
    }
    return response;
  }

  private <T> HttpResponse<T> transmit(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws IOException {
    try {
      // Without a limit of its own the runtime's client waits for a response forever.
      HttpRequest bounded =
          HttpRequest.newBuilder(request, (_, _) -> true).timeout(timeout()).build();
      HttpResponse<T> response = client.send(bounded, handler);
      reached = true;
      return response;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new NoResponse(repository + ": interrupted", interrupted);
    } catch (IOException broken) {
      // A registry that never answered is not waited for: a wrong host, port or authority stays
      // wrong. One that did answer may come back.
      ConnectionProblem problem = ConnectionProblem.of(repository, broken, reached);
      String message = problem.message(repository);
      throw problem.lasting() ? new NoResponse(message, broken) : new IOException(message, broken);
    }
  }

  /** The first response, to a small request, comes soon or from nobody who speaks HTTP. */
  private Duration timeout() {
    Duration usual = retries.responseTimeout();
    return reached || usual.compareTo(FIRST_RESPONSE) < 0 ? usual : FIRST_RESPONSE;
  }

  /** Whether an address is the registry's own: scheme, host and port. */
  boolean sameOrigin(URI address) {
    URI base = URI.create(repository.base());
    return base.getScheme().equals(address.getScheme())
        && base.getHost() != null
        && base.getHost().equalsIgnoreCase(address.getHost())
        && port(base) == port(address);
  }

  private static int port(URI address) {
    return address.getPort() >= 0
        ? address.getPort()
        : "https".equals(address.getScheme()) ? 443 : 80;
  }

  private URI resolved(URI base, String location) throws IOException {
    try {
      URI address = base.resolve(location);
      if ("https".equalsIgnoreCase(address.getScheme())
          || "http".equalsIgnoreCase(address.getScheme())) {
        return address;
      }
    } catch (IllegalArgumentException unreadable) {
      throw noUrl(location, unreadable);
    }
    throw noUrl(location, null);
  }

  private IOException noUrl(String location, @Nullable Throwable cause) {
    return new IOException(
        repository + " Location: got " + ImageException.printable(location) + "; want a URL",
        cause);
  }

  /** Where the next request of an upload goes. */
  URI location(HttpResponse<byte[]> response) throws IOException {
    String location =
        response
            .headers()
            .firstValue("Location")
            .orElseThrow(() -> unexpected(response, "a Location"));
    URI address = resolved(response.uri(), location);
    // A registry behind a proxy that ends TLS often names itself by http://.
    boolean downgraded =
        !repository.plainHttp()
            && "http".equals(address.getScheme())
            && repository.host().equalsIgnoreCase(address.getRawAuthority());
    return downgraded ? URI.create("https" + address.toString().substring(4)) : address;
  }

  void expect(HttpResponse<byte[]> response, int status) throws IOException {
    if (response.statusCode() != status) {
      throw unexpected(response, Integer.toString(status));
    }
  }

  /** What to throw for a response that is not one of those wanted. */
  RegistryException unexpected(HttpResponse<byte[]> response, String want) {
    String body = new String(response.body(), StandardCharsets.UTF_8).strip();
    var said = new StringBuilder();
    if (!body.isEmpty()) {
      said.append("; it says ").append(ImageException.printable(body));
    }
    if (response.statusCode() == 401 || response.statusCode() == 403) {
      said.append(
          authorization.hasCredentials()
              ? "; check the rights of the credentials for "
                  + repository.host()
                  + ", or give others with --authfile"
              : "; log in to " + repository.host() + " with podman or docker, or give --authfile");
    } else if (response.statusCode() == 404 && body.contains("NAME_UNKNOWN")) {
      said.append("; make the repository first, or check its name");
    } else if (response.statusCode() == 400
        && repository.plainHttp()
        && body.contains("HTTPS server")) {
      said.append("; leave http:// or --plain-http away: this registry has TLS");
    }
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
            + said);
  }
}
