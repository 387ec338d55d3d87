package dev.countersign.image.publish;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.common.text.PercentEncoding;
import dev.countersign.image.ImageException;
import dev.countersign.image.oci.Layout;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Answers a registry's challenges: Basic, or a Bearer token from the server that the registry
 * names. Credentials go to the registry and to that server only. Thread-safe.
 */
final class RegistryAuthorization {
  private final Repository repository;
  private final Optional<Credentials> credentials;
  private final ConcurrentHashMap<String, String> tokens = new ConcurrentHashMap<>();
  private volatile boolean basic;

  /** Sends one request to a token server. */
  interface Sender {
    HttpResponse<byte[]> send(HttpRequest request) throws IOException;
  }

  RegistryAuthorization(Repository repository, Optional<Credentials> credentials) {
    this.repository = repository;
    this.credentials = credentials;
  }

  boolean hasCredentials() {
    return credentials.isPresent();
  }

  /** Adds what the registry has asked for so far. */
  void authorize(HttpRequest.Builder request, String actions) {
    String token = tokens.get(actions);
    if (token != null) {
      request.setHeader("Authorization", "Bearer " + token);
    } else if (basic) {
      credentials.ifPresent(each -> request.setHeader("Authorization", each.basicHeader()));
    }
  }

  /** Does what a response with status 401 asks for; says whether another attempt makes sense. */
  boolean authenticate(HttpResponse<?> response, String actions, Sender sender) throws IOException {
    List<Challenge> challenges = Challenge.parse(response.headers().allValues("WWW-Authenticate"));
    // Uploads run side by side: what counts is what this request carried, not what others have
    // found out since.
    boolean refused =
        response.request().headers().firstValue("Authorization").orElse("").startsWith("Basic ");
    for (Challenge challenge : challenges) {
      switch (challenge.scheme()) {
        case "basic" -> {
          if (credentials.isPresent() && !credentials.get().isIdentityToken() && !refused) {
            basic = true;
            return true;
          }
        }
        case "bearer" -> {
          tokens.put(actions, token(challenge, actions, sender));
          return true;
        }
        // Negotiate and others that registries behind a company's proxy offer as well.
        default -> {}
      }
    }
    return false;
  }

  private String token(Challenge challenge, String actions, Sender sender) throws IOException {
    String realm = challenge.parameter("realm");
    boolean safe =
        realm.startsWith("https://") || (repository.plainHttp() && realm.startsWith("http://"));
    if (!safe) {
      throw new ImageException(
          repository + " token server", realm, "an https address", "credentials were not sent");
    }
    // What the registry asks for: behind a prefix or a mirror it may know the repository by
    // another name.
    String scope =
        challenge.parameter("scope").isEmpty()
            ? "repository:" + repository.name() + ":" + actions
            : challenge.parameter("scope");
    HttpResponse<byte[]> response =
        sender.send(tokenRequest(realm, challenge.parameter("service"), scope));
    if (response.statusCode() != 200) {
      throw new RegistryException(
          response.statusCode(),
          repository
              + " token server: got status "
              + response.statusCode()
              + "; want 200; "
              + (credentials.isPresent() ? "check the credentials for " : "log in to ")
              + repository.host());
    }
    JsonNode tree = Layout.parse(repository + " token", response.body());
    String token = tree.path("token").asText(tree.path("access_token").asText());
    if (token.isEmpty()) {
      throw new IOException(repository + " token server: got no token; want one");
    }
    return token;
  }

  private HttpRequest tokenRequest(String realm, String service, String scope) {
    String parameters =
        "service=" + PercentEncoding.encode(service) + "&scope=" + PercentEncoding.encode(scope);
    if (credentials.isPresent() && credentials.get().isIdentityToken()) {
      return HttpRequest.newBuilder(address(realm))
          .header("Content-Type", "application/x-www-form-urlencoded")
          .POST(
              HttpRequest.BodyPublishers.ofString(
                  "grant_type=refresh_token&client_id=countersign&"
                      + parameters
                      + "&refresh_token="
                      + PercentEncoding.encode(credentials.get().refreshToken())))
          .build();
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address(realm + (realm.contains("?") ? "&" : "?") + parameters))
            .GET();
    credentials.ifPresent(each -> request.header("Authorization", each.basicHeader()));
    return request.build();
  }

  private URI address(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException unreadable) {
      throw (ImageException)
          new ImageException(repository + " token server", text, "a URL").initCause(unreadable);
    }
  }
}
