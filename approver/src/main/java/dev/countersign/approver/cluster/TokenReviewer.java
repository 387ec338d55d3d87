package dev.countersign.approver.cluster;

import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.proto.TokenReview;
import dev.countersign.kube.proto.TokenReviewSpec;
import dev.countersign.kube.proto.UserInfo;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.request.CsrSpec.Requestor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks the API server whose a bearer token is: TokenReview, in protobuf. */
public final class TokenReviewer {
  private static final String TARGET =
      ApiQuery.path("apis", "authentication.k8s.io", "v1", "tokenreviews");

  private static final ObjectDecoder<Optional<Requestor>> ANSWER =
      ObjectDecoder.ofProtobuf(TokenReview.parser(), TokenReviewer::answer);

  private final ApiClient client;

  /** A reviewer that asks through {@code client}. */
  public TokenReviewer(ApiClient client) {
    this.client = client;
  }

  /**
   * The user that the token proves, nobody where it proves none; unknown when the server does not
   * answer.
   */
  public Fact<Optional<Requestor>> review(SecretText token) {
    String text = token.reveal(SecretAccess.because("the API server says whose it is"));
    return Reviews.ask(
        client,
        TARGET,
        "authentication.k8s.io/v1",
        "TokenReview",
        TokenReview.newBuilder().setSpec(TokenReviewSpec.newBuilder().setToken(text)).build(),
        ANSWER);
  }

  private static Optional<Requestor> answer(TokenReview review) {
    if (!review.getStatus().getAuthenticated()) {
      return Optional.empty();
    }
    UserInfo user = review.getStatus().getUser();
    Map<String, List<String>> extra = new HashMap<>();
    user.getExtraMap().forEach((key, values) -> extra.put(key, values.getItemsList()));
    return Optional.of(
        new Requestor(user.getUsername(), user.getUid(), user.getGroupsList(), extra));
  }
}
