package dev.countersign.policy.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenIdTest {

  @Test
  void parse_sixLettersAndDigits_namesSecretAndUser() {
    TokenId id = TokenId.parse("07401b");
    assertThat(id.secretName()).isEqualTo("bootstrap-token-07401b");
    assertThat(id.user()).isEqualTo("system:bootstrap:07401b");
    assertThat(TokenId.ofUser(id.user())).contains(id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "07401", "07401bb", "07401B", "0740 b", "07401b\n"})
  void parse_otherForms_refused(String text) {
    assertThatThrownBy(() -> TokenId.parse(text))
        .hasMessageStartingWith("token id: got ")
        .hasMessageEndingWith("want six of a-z and 0-9");
  }

  @Test
  void parse_wholeTokenByMistake_notEchoed() {
    assertThatThrownBy(() -> TokenId.parse("07401b.f395accd246ae52d"))
        .hasMessage("token id: got 23 characters; want six of a-z and 0-9");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "system:node:07401b",
        "system:bootstrap:",
        "system:bootstrap:07401b:x",
        "system:bootstrap:07401B"
      })
  void ofUser_otherUsers_empty(String user) {
    assertThat(TokenId.ofUser(user)).isEmpty();
  }

  @Test
  void parse_eightCharacters_shown_nineOnlyCounted() {
    assertThatThrownBy(() -> TokenId.parse("07401b-8")).hasMessageContaining("got \"07401b-8\"");
    assertThatThrownBy(() -> TokenId.parse("07401b--9")).hasMessageContaining("got 9 characters");
  }

  @Test
  void ids_areOrderedAndShownAsTheirText() {
    assertThat(TokenId.parse("aaaaaa")).isLessThan(TokenId.parse("aaaaab")).hasToString("aaaaaa");
  }
}
