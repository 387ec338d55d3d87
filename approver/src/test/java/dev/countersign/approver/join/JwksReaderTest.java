package dev.countersign.approver.join;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import dev.countersign.approver.server.LoopbackServer;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.join.attestation.IssuerKeys;
import dev.countersign.testkit.TestKeys;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JwksReaderTest {
  private static final KeyPair OLD = TestKeys.p256();
  private static final KeyPair NEW = TestKeys.otherP256();

  /** What the server answers: the status, a space and the body. */
  private final AtomicReference<String> answer = new AtomicReference<>("200 " + set("old", OLD));

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());

  @TempDir private Path directory;

  private static String set(@Nullable String keyId, KeyPair keys) {
    return new JWKSet(
            new ECKey.Builder(Curve.P_256, (ECPublicKey) keys.getPublic()).keyID(keyId).build())
        .toString();
  }

  private LoopbackServer server() {
    return LoopbackServer.start(
        directory,
        false,
        (exchange, _) -> {
          String[] parts = answer.get().split(" ", 2);
          exchange.getResponseHeaders().set("Location", "/elsewhere");
          LoopbackServer.reply(
              exchange,
              Integer.parseInt(parts[0]),
              "application/json",
              parts[1].getBytes(StandardCharsets.UTF_8));
        });
  }

  private IssuerKeys.Published at(int port) {
    return new IssuerKeys.Published(
        "https://127.0.0.1:" + port + "/keys", Optional.of(directory.resolve("ca.crt").toString()));
  }

  private JwksReader reader() {
    return new JwksReader(now::get);
  }

  private void pass(Duration time) {
    now.updateAndGet(instant -> instant.plus(time));
  }

  private static Fact<List<PublicKey>> only(KeyPair keys) {
    return Fact.known(List.of(keys.getPublic()));
  }

  private static String why(Fact<List<PublicKey>> fact) {
    return switch (fact) {
      case Fact.Unknown<List<PublicKey>>(String why) -> why;
      case Fact.Known<List<PublicKey>>(List<PublicKey> keys) ->
          throw new AssertionError("known: " + keys);
    };
  }

  @Test
  void keys_areFetchedOnce_andKept() {
    try (LoopbackServer server = server()) {
      JwksReader reader = reader();
      assertThat(reader.find(at(server.port()), Optional.of("old"))).isEqualTo(only(OLD));
      pass(Duration.ofMinutes(59));
      assertThat(reader.find(at(server.port()), Optional.of("old"))).isEqualTo(only(OLD));
      assertThat(reader.find(at(server.port()), Optional.empty())).isEqualTo(only(OLD));
      assertThat(server.seen()).containsExactly("GET /keys ");
    }
  }

  @Test
  void rotation_isFollowedAtOnce_andWithdrawalWithinTheHour() {
    try (LoopbackServer server = server()) {
      JwksReader reader = reader();
      assertThat(reader.find(at(server.port()), Optional.of("old"))).isEqualTo(only(OLD));
      answer.set("200 " + set("new", NEW));

      assertThat(reader.find(at(server.port()), Optional.of("new"))).isEqualTo(only(NEW));
      assertThat(reader.find(at(server.port()), Optional.of("old")))
          .isEqualTo(Fact.known(List.of()));
      assertThat(server.seen()).hasSize(2);
    }
  }

  @Test
  void withdrawnKey_countsNoMoreAfterAnHour() {
    try (LoopbackServer server = server()) {
      JwksReader reader = reader();
      assertThat(reader.find(at(server.port()), Optional.empty())).isEqualTo(only(OLD));
      answer.set("200 " + set("new", NEW));
      pass(JwksReader.KEPT_FOR.plusSeconds(1));
      assertThat(reader.find(at(server.port()), Optional.empty())).isEqualTo(only(NEW));
    }
  }

  @Test
  void unknownKeys_haveTheSetFetchedOnceMoreInTheInterval_howeverManyAsk() {
    try (LoopbackServer server = server()) {
      JwksReader reader = reader();
      for (int i = 0; i < 50; i++) {
        assertThat(reader.find(at(server.port()), Optional.of("made up " + i)))
            .isEqualTo(Fact.known(List.of()));
      }
      assertThat(server.seen()).hasSize(2);
      assertThat(reader.find(at(server.port()), Optional.of("old"))).isEqualTo(only(OLD));

      pass(JwksReader.INTERVAL.plusSeconds(1));
      answer.set("200 " + set("new", NEW));
      assertThat(reader.find(at(server.port()), Optional.of("new"))).isEqualTo(only(NEW));
      assertThat(server.seen()).hasSize(3);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "200 no JSON",
        "200 {}",
        "200 {\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\"}]}",
        "302 {}",
        "404 {}",
        "500 {}"
      })
  void answerThatIsNoSet_isUnknown_andNamesTheAddress(String other) {
    answer.set(other);
    try (LoopbackServer server = server()) {
      JwksReader reader = reader();
      for (int i = 0; i < 20; i++) {
        assertThat(why(reader.find(at(server.port()), Optional.of("old"))))
            .startsWith("keys at https://127.0.0.1:" + server.port() + "/keys: ")
            .hasSizeGreaterThan(50);
      }
      assertThat(server.seen()).hasSize(2);

      answer.set("200 " + set("old", OLD));
      pass(JwksReader.INTERVAL.plusSeconds(1));
      assertThat(reader.find(at(server.port()), Optional.of("old"))).isEqualTo(only(OLD));
    }
  }

  @Test
  void hugeAnswer_isUnknown() {
    answer.set("200 {\"keys\":[],\"x\":\"" + "a".repeat(JwksReader.MOST_BYTES) + "\"}");
    try (LoopbackServer server = server()) {
      assertThat(why(reader().find(at(server.port()), Optional.of("old")))).contains("65536");
    }
  }

  @Test
  void serverThatIsAwayOrNotTrusted_isUnknown() {
    int port;
    try (LoopbackServer server = server()) {
      port = server.port();
      IssuerKeys.Published byPublicAuthorities =
          new IssuerKeys.Published(at(port).jwksUri(), Optional.empty());
      assertThat(why(reader().find(byPublicAuthorities, Optional.empty())))
          .containsIgnoringCase("certif");
      IssuerKeys.Published noFile =
          new IssuerKeys.Published(at(port).jwksUri(), Optional.of(directory + "/none.crt"));
      assertThat(why(reader().find(noFile, Optional.empty()))).contains("none.crt");
      assertThat(
              why(
                  new JwksReader(now::get, path -> Fact.unknown("no copy of " + path))
                      .find(noFile, Optional.empty())))
          .contains("no copy of", "none.crt");
      assertThat(server.seen()).isEmpty();
    }
    assertThat(why(reader().find(at(port), Optional.of("old")))).containsIgnoringCase("refused");
  }

  @Test
  void outage_afterTheSetIsTooOld_isUnknown() {
    try (LoopbackServer server = server()) {
      JwksReader reader = reader();
      assertThat(reader.find(at(server.port()), Optional.of("old"))).isEqualTo(only(OLD));
      answer.set("503 {}");
      assertThat(reader.find(at(server.port()), Optional.of("old"))).isEqualTo(only(OLD));
      assertThat(why(reader.find(at(server.port()), Optional.of("new")))).contains("503");
      pass(JwksReader.KEPT_FOR.plusSeconds(1));
      assertThat(why(reader.find(at(server.port()), Optional.of("old")))).contains("503");
    }
  }

  /** A set from before says nothing of a key that the issuer may have now. */
  @Test
  void outage_duringARotation_staysUnknown_howeverManyAsk() {
    try (LoopbackServer server = server()) {
      JwksReader reader = reader();
      assertThat(reader.find(at(server.port()), Optional.of("old"))).isEqualTo(only(OLD));
      pass(JwksReader.INTERVAL.multipliedBy(20));
      answer.set("503 {}");
      for (int i = 0; i < 5; i++) {
        assertThat(why(reader.find(at(server.port()), Optional.of("new")))).contains("503");
        assertThat(why(reader.refreshed(at(server.port()), Optional.of("old")))).contains("503");
      }
      assertThat(reader.find(at(server.port()), Optional.of("old"))).isEqualTo(only(OLD));
      answer.set("200 " + set("new", NEW));
      pass(JwksReader.INTERVAL.plusSeconds(1));
      assertThat(reader.find(at(server.port()), Optional.of("new"))).isEqualTo(only(NEW));
    }
  }

  @Test
  void keysWithoutNewNames_areFollowed_withinTheSameLimit() {
    try (LoopbackServer server = server()) {
      JwksReader reader = reader();
      assertThat(reader.find(at(server.port()), Optional.empty())).isEqualTo(only(OLD));
      answer.set("200 " + set("old", NEW));
      assertThat(reader.find(at(server.port()), Optional.empty())).isEqualTo(only(OLD));
      for (int i = 0; i < 20; i++) {
        assertThat(reader.refreshed(at(server.port()), Optional.empty())).isEqualTo(only(NEW));
      }
      assertThat(reader.find(at(server.port()), Optional.of("old"))).isEqualTo(only(NEW));
      assertThat(server.seen()).hasSize(2);
    }
  }

  @Test
  void serverThatAnswersByteByByte_isGivenUp() {
    CountDownLatch over = new CountDownLatch(1);
    try (LoopbackServer server =
        LoopbackServer.start(
            directory,
            false,
            (exchange, _) -> {
              exchange.sendResponseHeaders(200, 0);
              try (OutputStream body = exchange.getResponseBody()) {
                while (!over.await(10, TimeUnit.MILLISECONDS)) {
                  body.write(' ');
                  body.flush();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            })) {
      JwksReader reader =
          new JwksReader(now::get, path -> Fact.known(Path.of(path)), Duration.ofSeconds(1));

      assertThat(why(reader.find(at(server.port()), Optional.empty())))
          .contains("/keys: ", "got no whole answer within 1s");
      over.countDown();
    }
  }

  /** A document names a key and the set has no names: each of its keys may be the one. */
  @Test
  void setWithoutNames_answersADocumentThatNamesAKey() {
    answer.set("200 " + set(null, OLD));
    try (LoopbackServer server = server()) {
      assertThat(reader().find(at(server.port()), Optional.of("old"))).isEqualTo(only(OLD));
    }
  }

  @Test
  void addressThatJavaCannotRead_isUnknown() {
    assertThat(
            why(
                reader()
                    .find(
                        new IssuerKeys.Published("https://a_b.example:70000", Optional.empty()),
                        Optional.empty())))
        .contains("no address that can be used");
  }
}
