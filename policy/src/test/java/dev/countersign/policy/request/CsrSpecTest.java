package dev.countersign.policy.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.Requests;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A request before and after somebody decided on it. */
class CsrSpecTest {
  private final Requests request = Requests.valid();
  private final CsrSpec pending = request.csr();

  @Test
  void isPending_untilSomebodyDecidesOrDeletesIt() {
    assertThat(pending.isPending()).isTrue();
    assertThat(request.withConditions("Looked").csr().isPending()).isTrue();
    for (String type : List.of("Approved", "Denied", "Failed")) {
      assertThat(request.withConditions(type).csr().isPending()).as(type).isFalse();
    }
    assertThat(request.issued().csr().isPending()).isFalse();
    assertThat(request.deleting().csr().isPending()).isFalse();
  }

  @Test
  void undecided_isTheSameAsItWasBefore() {
    CsrSpec decided = request.withConditions("Approved").issued().deleting().csr();

    assertThat(decided.undecided()).isEqualTo(pending);
    assertThat(pending.undecided()).isEqualTo(pending);
  }

  @Test
  void condition_isFoundByItsType() {
    var denied = new CsrDetails.Condition("Denied", "SanForeign", "not its own", "");
    var failed = new CsrDetails.Condition("Failed", "SignerValidationFailure", "", "");
    CsrDetails details = new CsrDetails(Optional.empty(), List.of(denied, failed));

    assertThat(details.condition("Failed")).contains(failed);
    assertThat(details.condition("Approved")).isEmpty();
    assertThat(CsrDetails.none().condition("Denied")).isEmpty();
  }
}
