package dev.countersign.approver.join;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.lookup.ClusterSource;
import dev.countersign.approver.queue.FairQueue;
import dev.countersign.approver.write.VerdictWriter;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.ListQuery;
import dev.countersign.kube.Outcome;
import dev.countersign.kube.StatusReason;
import dev.countersign.kube.watch.CollectionWatch;
import dev.countersign.kube.watch.Follower;
import dev.countersign.kube.watch.WatchObserver;
import dev.countersign.policy.Policy;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.gather.ClientFactSource;
import dev.countersign.policy.gather.FactGatherer;
import dev.countersign.policy.join.JoinRecords;
import dev.countersign.policy.join.TokenId;
import dev.countersign.policy.join.attestation.Attestation;
import dev.countersign.policy.request.SignerName;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * Approves or denies every request for signer {@code kubernetes.io/kube-apiserver-client-kubelet}.
 * Two of them at once do no harm: the records decide.
 */
public final class JoinApprover implements AutoCloseable {
  private static final int ATTEMPTS = 6;

  /** A token may be for a whole room of machines, which all start at once. */
  private static final int MOST_OF_ONE_TOKEN = 5000;

  private static final int MOST_IN_ALL = 10_000;

  private static final Duration HOUSEKEEPING = Duration.ofSeconds(30);

  private final ApiClient client;
  private final JoinOptions options;
  private final InstantSource clock;
  private final JoinRecordsClient records;
  private final VerdictWriter verdicts;
  private final JoinListener listener;
  private final BooleanSupplier leading;
  private final PendingRequests pending =
      new PendingRequests(SignerName.KUBELET_CLIENT, MOST_OF_ONE_TOKEN, MOST_IN_ALL);

  // one request of each requester at a time: those of one token would meet in its record anyway,
  // and whoever floods us with a leaked one delays nobody else. What keeps two processes apart is
  // the records, not this.
  private final FairQueue queue = new FairQueue(1);
  private final ScheduledExecutorService scheduler =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("join-scheduler").factory());
  private final CollectionWatch<CsrObject> watch;
  private volatile boolean closed;

  /**
   * An approver that does nothing until {@link #start}.
   *
   * @param leading whether this process may write now; asked before each decision
   */
  public JoinApprover(
      ApiClient client,
      JoinOptions options,
      JoinListener listener,
      InstantSource clock,
      BooleanSupplier leading,
      WatchObserver watchObserver,
      RandomGenerator random) {
    this.client = Objects.requireNonNull(client, "client");
    this.options = Objects.requireNonNull(options, "options");
    this.clock = Objects.requireNonNull(clock, "clock");
    this.records = new JoinRecordsClient(client, options.namespace());
    this.listener = Objects.requireNonNull(listener, "listener");
    this.verdicts = new VerdictWriter(client, clock);
    this.leading = Objects.requireNonNull(leading, "leading");
    this.watch =
        new CollectionWatch<>(
            client,
            "client certificate requests",
            ListQuery.all(CsrObject.COLLECTION)
                .withFieldSelector("spec.signerName=" + SignerName.KUBELET_CLIENT),
            CsrObject.keptDecoder(),
            new Requests(),
            CollectionWatch.Timing.defaults(),
            watchObserver,
            random);
  }

  /** Starts to watch; returns at once. */
  public void start() {
    Thread.ofVirtual().name("join-watch").start(this::follow);
    repeat(options.lookAgain(), () -> pending.all().forEach(this::enqueue));
    repeat(HOUSEKEEPING, this::keepHouse);
    for (int i = 0; i < options.parallel(); i++) {
      // Of the system: it reads the inventory, and a file system that hangs would hold what
      // carries all the virtual ones.
      Thread.ofPlatform().daemon().name("join " + i).start(this::work);
    }
  }

  private void repeat(Duration pause, Runnable what) {
    long millis = pause.toMillis();
    scheduler.scheduleWithFixedDelay(what, millis, millis, TimeUnit.MILLISECONDS);
  }

  private void follow() {
    try {
      watch.run();
    } catch (RuntimeException | Error e) {
      // Whoever asks the watch how long it has been silent learns of it, too.
      listener.troubled("*", "the watch ended: " + e);
      throw e;
    }
  }

  private void keepHouse() {
    client.closeUnused();
    if (pending.roomForOthers()) {
      watch.listAgain();
    }
  }

  /** What follows the requests. */
  public CollectionWatch<?> watch() {
    return watch;
  }

  @Override
  public void close() {
    closed = true;
    queue.close();
    watch.close();
    scheduler.shutdownNow();
  }

  private final class Requests implements Follower<CsrObject> {
    @Override
    public void listStarted() {
      pending.listStarted();
    }

    @Override
    public void listed(CsrObject csr) {
      changed(csr);
    }

    @Override
    public void listEnded() {
      pending.listEnded();
    }

    @Override
    public void changed(CsrObject csr) {
      switch (pending.put(csr)) {
        case PendingRequests.Put.Waits() -> enqueue(csr);
        case PendingRequests.Put.Displaces(
                String _,
                PendingRequests.Bound bound,
                boolean first) -> {
          enqueue(csr);
          if (first) {
            listener.troubled(
                csr.name(),
                switch (bound) {
                  case REQUESTOR ->
                      "more requests of "
                          + csr.requestor()
                          + " wait than are looked at; the newest ones go first";
                  case ALL ->
                      "more requests wait than are looked at in all; of whoever has most the"
                          + " newest go first";
                });
          }
        }
        case PendingRequests.Put.NameTooLong() ->
            listener.troubled(
                csr.name(),
                "left alone: got a name of "
                    + csr.name().length()
                    + " characters; want 253 at most");
        case PendingRequests.Put.Settled() -> {}
      }
    }

    @Override
    public void deleted(CsrObject csr) {
      pending.remove(csr.name());
    }
  }

  private void enqueue(CsrObject csr) {
    queue.add(csr.requestor(), csr.name());
  }

  private void work() {
    try {
      for (Optional<FairQueue.Task> task = queue.take(); task.isPresent(); task = queue.take()) {
        try {
          Optional<CsrObject> known = pending.get(task.get().name());
          if (known.isPresent() && !closed && leading.getAsBoolean()) {
            process(known.get());
          }
        } finally {
          queue.done(task.get());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void process(CsrObject known) {
    try {
      Optional<CsrObject> whole = whole(known);
      if (whole.isPresent()) {
        decide(whole.get());
      }
    } catch (IOException e) {
      listener.troubled(known.name(), "not decided: its metadata cannot be read");
    } catch (RuntimeException e) {
      // whatever one request does to us, the others are still decided
      listener.troubled(known.name(), "not decided: " + e.getClass().getName());
    }
  }

  /** One that was too large to be kept is read again. */
  private Optional<CsrObject> whole(CsrObject known) {
    if (known.extent() == CsrObject.Extent.WHOLE) {
      return Optional.of(known);
    }
    return switch (client.get(CsrObject.path(known.name()), CsrObject.decoder())) {
      case Outcome.Done<CsrObject>(CsrObject latest) ->
          Optional.of(latest).filter(csr -> csr.pendingFor(SignerName.KUBELET_CLIENT));
      case Outcome.Refused<CsrObject>(ApiStatus status) -> {
        if (status.reason() != StatusReason.NOT_FOUND) {
          listener.troubled(known.name(), "not read: " + status);
        }
        yield Optional.empty();
      }
      case Outcome.Unreachable<CsrObject>(String why) -> {
        listener.troubled(known.name(), "not read: " + why);
        yield Optional.empty();
      }
    };
  }

  private void decide(CsrObject csr) throws IOException {
    for (int attempt = 0; attempt < ATTEMPTS && !closed; attempt++) {
      if (attempt(csr)) {
        return;
      }
    }
    listener.troubled(csr.name(), "records changed " + ATTEMPTS + " times while it was decided");
  }

  /** Decides once and writes; false where someone else was quicker and it must be decided anew. */
  private boolean attempt(CsrObject csr) throws IOException {
    Policy policy = Policy.ofClients(options.policy().get(), options.config());
    RequestJoinLookUps facts =
        new RequestJoinLookUps(
            ClusterSource.of(client),
            options,
            clock,
            csr.view().created(),
            csr.kept().annotation(Attestation.ANNOTATION));
    Decision decision = FactGatherer.decide(policy, csr.view(), new ClientFactSource(facts));
    return write(csr, decision, facts);
  }

  private boolean write(CsrObject csr, Decision decision, RequestJoinLookUps facts) {
    listener.decided(csr, decision);
    return switch (decision) {
      case Decision.Approve(NodeName node, _, JoinRecords first) ->
          record(csr, first, facts) && approve(csr, node);
      case Decision.Deny(List<Violation> violations) ->
          verdict(csr, verdicts.deny(csr, violations));
      case Decision.Hold _, Decision.Ignore _ -> true;
    };
  }

  private boolean approve(CsrObject csr, NodeName node) {
    String username = csr.view().requestor().username();
    return username.startsWith(NodeName.USER_PREFIX)
        ? approve(csr, "CountersignRenewalApproved", "Node " + node + " renews its own certificate")
        : approve(
            csr,
            "CountersignJoinApproved",
            "Node "
                + node
                + " joins with "
                + TokenId.ofUser(username).map(token -> "token " + token).orElse("its Machine"));
  }

  private boolean approve(CsrObject csr, String reason, String message) {
    return verdict(csr, verdicts.write(csr, "Approved", reason, message));
  }

  private boolean record(CsrObject csr, JoinRecords first, RequestJoinLookUps read) {
    return (first.grant().isEmpty()
            || wrote(
                csr,
                JoinListener.Step.USE,
                records.write(read.storedGrant().orElseThrow(), first.grant().get())))
        && (first.claim().isEmpty()
            || wrote(
                csr,
                JoinListener.Step.CLAIM,
                records.write(read.storedClaim(), first.claim().get())));
  }

  private boolean wrote(CsrObject csr, JoinListener.Step step, Outcome<Boolean> outcome) {
    return switch (outcome) {
      case Outcome.Done<Boolean> _ -> {
        listener.written(csr.name(), step);
        yield true;
      }
      case Outcome.Refused<Boolean> refused -> {
        if (refused.status().reason() != StatusReason.CONFLICT
            && refused.status().reason() != StatusReason.ALREADY_EXISTS) {
          listener.troubled(csr.name(), step + ": " + refused.status());
          pause();
        }
        yield false;
      }
      case Outcome.Unreachable<Boolean>(String why) -> {
        // whether it was written is not known; deciding anew reads what is there
        listener.troubled(csr.name(), step + ": " + why);
        pause();
        yield false;
      }
    };
  }

  private static void pause() {
    try {
      Thread.sleep(Duration.ofMillis(500));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes note of a verdict; a request that changed or went away is left to the watch. */
  private boolean verdict(CsrObject csr, Outcome<Boolean> outcome) {
    return switch (outcome) {
      case Outcome.Done<Boolean> _ -> {
        pending.remove(csr);
        listener.written(csr.name(), JoinListener.Step.VERDICT);
        yield true;
      }
      case Outcome.Refused<Boolean> refused -> {
        if (refused.status().reason() != StatusReason.CONFLICT
            && refused.status().reason() != StatusReason.NOT_FOUND) {
          listener.troubled(csr.name(), "approval: " + refused.status());
        }
        yield true;
      }
      case Outcome.Unreachable<Boolean>(String why) -> {
        listener.troubled(csr.name(), "approval: " + why);
        yield true;
      }
    };
  }
}
