package dev.countersign.image.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChallengeTest {
  @Test
  void header_ofTwoChallenges_keepsTheirParametersApart() {
    assertThat(
            Challenge.parse(
                List.of(
                    "Bearer realm=\"https://auth.example/token\",service=\"r\","
                        + "scope=\"repository:a:pull,push\", Basic realm=\"other\"")))
        .containsExactly(
            new Challenge(
                "bearer",
                Map.of(
                    "realm",
                    "https://auth.example/token",
                    "service",
                    "r",
                    "scope",
                    "repository:a:pull,push")),
            new Challenge("basic", Map.of("realm", "other")));
  }

  @Test
  void headers_ofOtherSchemes_doNotHideTheOneWeSpeak() {
    assertThat(
            Challenge.parse(
                List.of(
                    "Negotiate, NTLM TlRMTVNTUAAC==", "basic Realm = quay , charset=\"UTF-8\"")))
        .extracting(Challenge::scheme)
        .containsExactly("negotiate", "ntlm", "tlrmtvntuaac==", "basic");
    assertThat(Challenge.parse(List.of("basic Realm = quay , charset=\"UTF-8\"")).getFirst())
        .isEqualTo(new Challenge("basic", Map.of("realm", "quay", "charset", "UTF-8")));
  }

  @Test
  void quotedPairs_areUndone_andNonsenseIsNoChallenge() {
    assertThat(Challenge.parse(List.of("Basic realm=\"a \\\"b\\\", Bearer c\"")))
        .containsExactly(new Challenge("basic", Map.of("realm", "a \"b\", Bearer c")));
    assertThat(Challenge.parse(List.of("", ",,,", "=\"x\""))).isEmpty();
  }
}
