package dev.countersign.approver.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.server.FakeCluster;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiClientOptions;
import dev.countersign.kube.ApiObserver;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.ListQuery;
import dev.countersign.kube.Outcome;
import dev.countersign.kube.watch.CollectionWatch;
import dev.countersign.kube.watch.Follower;
import dev.countersign.kube.watch.WatchObserver;
import dev.countersign.policy.request.SignerName;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PretendedServerTest {
  private static final ListQuery REQUESTS =
      ListQuery.all(
          ApiQuery.path("apis", "certificates.k8s.io", "v1", "certificatesigningrequests"));

  private final PretendedApi api = new PretendedApi(3);
  private final ApiClient client =
      new ApiClient(new PretendedServer(api), ApiClientOptions.defaults(), ApiObserver.NONE);

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void list_hasWhatWaits_eachOfAnotherNode() {
    api.ask(2);
    List<CsrObject> read = new ArrayList<>();
    Outcome<String> outcome = client.list(REQUESTS, CsrObject.decoder(), read::add);
    assertThat(outcome).isEqualTo(new Outcome.Done<>("3"));
    assertThat(read)
        .extracting(CsrObject::requestor)
        .containsExactlyInAnyOrder("system:node:node-0", "system:node:node-1");
    assertThat(read).allMatch(csr -> csr.pendingFor(SignerName.KUBELET_SERVING));
  }

  @Test
  void watch_missesNothingSinceTheList_andSeesVerdictsAndCertificates() {
    List<CsrObject> seen = new CopyOnWriteArrayList<>();
    try (CollectionWatch<CsrObject> watch =
        new CollectionWatch<>(
            client,
            "requests",
            REQUESTS,
            CsrObject.decoder(),
            new Follower<>() {
              @Override
              public void listStarted() {}

              @Override
              public void listed(CsrObject csr) {
                seen.add(csr);
              }

              @Override
              public void listEnded() {
                // Between the list and the watch.
                api.ask(1);
              }

              @Override
              public void changed(CsrObject csr) {
                seen.add(csr);
              }

              @Override
              public void deleted(CsrObject csr) {
                throw new AssertionError("deleted: " + csr);
              }
            },
            CollectionWatch.Timing.defaults(),
            WatchObserver.NONE,
            new Random(1))) {
      Thread thread = Thread.ofPlatform().start(watch);
      FakeCluster.await("the request", () -> seen.size() == 1);
      CsrObject asked = seen.getFirst();
      Outcome<Boolean> verdict =
          client.put(REQUESTS.path() + "/" + asked.name() + "/approval", new byte[] {'{', '}'});
      assertThat(verdict).isInstanceOf(Outcome.Done.class);
      FakeCluster.await("both changes", () -> seen.size() == 3);
      assertThat(seen.get(1).conditions())
          .extracting(CsrObject.Condition::type)
          .containsExactly("Approved");
      assertThat(seen.get(1).certificate().size()).isZero();
      assertThat(seen.get(2).certificate().size()).isPositive();
      thread.interrupt();
    }
  }
}
