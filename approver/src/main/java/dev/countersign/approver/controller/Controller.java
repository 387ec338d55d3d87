package dev.countersign.approver.controller;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.health.Health;
import dev.countersign.approver.queue.FairWorkQueue;
import dev.countersign.approver.queue.WorkerPool;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ListOptions;
import dev.countersign.kube.watch.Reflector;
import dev.countersign.kube.watch.ResourceEventHandler;
import dev.countersign.kube.watch.WatchObserver;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * The controller of one signer: an informer shows it the requests, a fair queue hands them out, and
 * each is reconciled while this replica is to work. Its owner runs {@link #watch}, {@link #run}
 * and, now and then, {@link #tick}. Thread-safe.
 */
public final class Controller {
  /** The least time between two lists of all requests for the sake of those not kept. */
  private static final Duration LIST_AGAIN = Duration.ofSeconds(30);

  /**
   * How it works.
   *
   * @param collection how the requests are called in metrics and logs
   * @param parallel requests at a time at most, hence writes at a time
   * @param parallelPerRequestor the same of one requestor
   * @param resync how often every pending request is looked at again, whatever has changed
   * @param works whether this replica is the one that works; asked before each request
   */
  public record Settings(
      String collection,
      int parallel,
      int parallelPerRequestor,
      Duration resync,
      BooleanSupplier works) {}

  private final Settings settings;
  private final PendingRequests pending;
  private final FairWorkQueue queue;
  private final Reconciler reconciler;
  private final WorkerPool dispatcher;
  private final DecisionReports reports;
  private final Health health;
  private final Reflector<CsrObject> watch;
  private final LongSupplier nanoTime = System::nanoTime;
  private long lastResync = nanoTime.getAsLong();
  private long lastList = lastResync;

  /**
   * One that does nothing yet.
   *
   * @param pending empty; the handler may count what waits
   * @param health told when work begins and ends
   */
  public Controller(
      ApiClient client,
      CsrHandler handler,
      PendingRequests pending,
      Settings settings,
      DecisionReports reports,
      WatchObserver observer,
      Health health) {
    this.settings = settings;
    this.pending = pending;
    this.reports = reports;
    this.health = health;
    this.queue = new FairWorkQueue(settings.parallelPerRequestor());
    this.reconciler =
        new Reconciler(client, handler, pending, queue, reports, nanoTime, Later.ON_THREADS);
    this.dispatcher = new WorkerPool(queue, settings.parallel(), settings.works(), this::reconcile);
    this.watch =
        new Reflector<>(
            client,
            settings.collection(),
            ListOptions.all(CsrObject.COLLECTION)
                .withFieldSelector("spec.signerName=" + handler.signer()),
            CsrObject.keptDecoder(this::skipsVerdictsOf),
            new Requests(),
            Reflector.Timing.defaults(),
            observer,
            RandomGenerator.getDefault());
  }

  /** The informer's part: hands on what the API server shows. */
  private final class Requests implements ResourceEventHandler<CsrObject> {
    @Override
    public void listStarted() {
      reconciler.listStarted();
    }

    @Override
    public void listed(CsrObject csr) {
      changed(csr);
    }

    @Override
    public void listEnded() {
      reconciler.listEnded();
    }

    @Override
    public void changed(CsrObject csr) {
      reports.seen(csr);
      reconciler.seen(csr);
    }

    @Override
    public void deleted(CsrObject csr) {
      reconciler.gone(csr.name());
    }
  }

  private void reconcile(String name) {
    health.begins();
    try {
      reconciler.reconcile(name);
    } catch (RuntimeException e) {
      reports.brokeOff(name, e);
    } finally {
      health.progress();
    }
  }

  /** The certificate is the one thing of interest in a request that has its verdict. */
  private boolean skipsVerdictsOf(String uid) {
    return !reports.wantsCertificates() && reconciler.isSettled(uid);
  }

  /** The informer; to be run on a thread of its own. */
  public Reflector<CsrObject> watch() {
    return watch;
  }

  /** What waits to be looked at. */
  public FairWorkQueue queue() {
    return queue;
  }

  /** What waits for a verdict. */
  public PendingRequests pending() {
    return pending;
  }

  /** What has waiting requests looked at. */
  public Reconciler reconciler() {
    return reconciler;
  }

  /** Works on what is queued until {@link #stop}, or until interrupted. */
  public void run() {
    try {
      dispatcher.run(reconciler::lookAgainAtAll);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Does what is due by the clock; called about twice a second, by one thread. */
  public void tick() {
    long now = nanoTime.getAsLong();
    if (settings.works().getAsBoolean()) {
      if (now - lastResync > settings.resync().toNanos()) {
        lastResync = now;
        reconciler.lookAgainAtAll();
      }
      reconciler.announceHeld();
    }
    if (pending.roomForOthers() && now - lastList > LIST_AGAIN.toNanos()) {
      lastList = now;
      watch.listAgain();
    }
  }

  /** Takes on nothing more. */
  public void stop() {
    queue.close();
    watch.close();
  }

  /**
   * Waits until nothing is in progress, after {@link #stop}.
   *
   * @return whether that came within {@code patience}
   */
  public boolean awaitIdle(Duration patience) throws InterruptedException {
    return dispatcher.end(patience);
  }
}
