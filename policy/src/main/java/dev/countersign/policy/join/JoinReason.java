package dev.countersign.policy.join;

import dev.countersign.policy.decision.Reason;

/**
 * Why a kubelet's client certificate was not approved. Stable: in CamelCase they are reasons of
 * conditions, words of the log and anchors of {@code docs/reference/join-reasons.md}, which is
 * generated from here.
 */
public enum JoinReason {
  REQUEST_UNREADABLE(
      Evidence.REQUEST,
      "spec.request is not one PKCS#10 request, or its signature is not by the key in"
          + " it, or of an algorithm that cannot be verified.",
      "By asking for a certificate for a key that it only knows the public half of.",
      "Only by a fault of its kubelet.",
      "Delete the request; the kubelet makes another one."),
  SUBJECT(
      Evidence.REQUEST,
      "The subject is not exactly O=system:nodes and CN=system:node: with a name.",
      "By asking for another group, such as system:masters, or for another kind of user.",
      "When something other than a kubelet makes the request.",
      "Let the kubelet make its request."),
  NODE_NAME(
      Evidence.REQUEST,
      "What follows system:node: is not a name that a Node can have.",
      "By asking for a name that looks like another one.",
      "When its host name has an underscore.",
      "Give the machine another host name, or the kubelet --hostname-override."),
  ALTERNATIVE_NAMES(
      Evidence.REQUEST,
      "The request asks for subject alternative names, and a client certificate of a"
          + " node has none.",
      "By hoping that the certificate will also serve as a server's.",
      "Only when something other than a kubelet makes the request.",
      "Let the kubelet make its request."),
  USAGES(
      Evidence.REQUEST,
      "spec.usages is not what a kubelet's client certificate has: digital signature"
          + " and client auth, with or without key encipherment.",
      "By asking for server auth or cert sign in addition.",
      "Only when something other than a kubelet makes the request.",
      "Let the kubelet make its request."),
  EXTENSIONS(
      Evidence.REQUEST,
      "The request carries an attribute or an extension, and a kubelet's has none.",
      "By hoping that the signer copies an extension into the certificate.",
      "Only when something other than a kubelet makes the request.",
      "Let the kubelet make its request."),
  RENEWAL_OF_ANOTHER_NAME(
      Evidence.REQUEST,
      "A node asks for a certificate of another node's name.",
      "With one node's credentials, to become another node.",
      "When a machine was renamed and kept its kubeconfig.",
      "Delete the kubelet's kubeconfig and certificates on that machine, and join it"
          + " with a token."),
  REQUESTER(
      Evidence.CLUSTER,
      "Who asks is neither a bootstrap token nor a node.",
      "With other credentials that may create requests.",
      "When it bootstraps by a service account or by an administrator's kubeconfig.",
      "Join with a token of countersign token create; or look at the request and approve"
          + " it by hand with csr approve --force."),
  TOKEN_NOT_FOR_NODE(
      Evidence.RECORD,
      "The token's grant names other nodes.",
      "With the token of one machine, by joining under another name.",
      "When it got another machine's bootstrap kubeconfig, or its host name is not the"
          + " one that was ordered.",
      "Compare host name and countersign token list; make a token for this name."),
  TOKEN_USED_UP(
      Evidence.RECORD,
      "Every use that the token was granted is taken.",
      "By joining once more with a token it found on a machine.",
      "When its token was stolen and used before it, or it joins anew after its disk was erased.",
      "See in the message when the last use was. Nobody of yours: delete that Node,"
          + " rotate the token. Else make a new token."),
  TOKEN_WINDOW_OVER(
      Evidence.RECORD,
      "The request was made after the end of the token's window.",
      "With an old token.",
      "When the machine was started later than planned.",
      "Make a new token."),
  NODE_TAKEN(
      Evidence.RECORD,
      "There is a Node of that name, which may still hold a valid certificate.",
      "By joining under the name of a node that runs.",
      "When it is reinstalled and its Node is still there.",
      "countersign node delete, then let it ask again; or a token with --allow-rejoin."),
  NAME_REVOKED(
      Evidence.RECORD,
      "An operator revoked the name by node delete, so its certificate is not renewed.",
      "With the credentials of a deleted node, by going on.",
      "When its Node was deleted by mistake.",
      "Join it again with a token."),
  TOKEN_WITHOUT_GRANT(
      Evidence.CLUSTER,
      "There is no grant for the token.",
      "With a token that was made by other means.",
      "When its token was made by kubeadm or kubectl, or before strict join.",
      "Make tokens with countersign token create, which writes the grant."),
  TOKEN_WINDOW_NOT_OPEN(
      Evidence.CLUSTER,
      "The request was made before the token's window.",
      "With a token that it found before its time.",
      "When the machine was started earlier than planned.",
      "Restart its kubelet once the window is open, or make another token."),
  NAME_CLAIMED(
      Evidence.CLUSTER,
      "Another join took the name a short while ago, and its Node has not appeared yet.",
      "By racing a machine that is just joining.",
      "When two machines have the same host name, or it was reinstalled within a"
          + " quarter of an hour.",
      "Wait; see in the message which token took the name."),
  NOT_IN_INVENTORY(
      Evidence.CLUSTER,
      "The token's grant asks for a machine that the inventory knows, and it does not"
          + " know this name.",
      "By joining a machine that nobody ordered.",
      "When it joins before its entry is written; it passes once it is.",
      "Add the entry to the file of --join-inventory."),
  MACHINE_MISSING(
      Evidence.CLUSTER,
      "A ServiceAccount asks, and not exactly one Machine has the node's name among its addresses.",
      "With the ServiceAccount's token, by joining a machine that nobody ordered.",
      "When its provider has not written its addresses yet; it passes once they are there. Or when"
          + " the kubelet's name is not one of them.",
      "Compare the Node's name with status.addresses of the Machines; or approve the request by"
          + " hand."),
  MACHINE_JOINED(
      Evidence.CLUSTER,
      "A ServiceAccount asks, and the Machine of that name is a Node already (status.nodeRef).",
      "With the ServiceAccount's token, by joining under the name of a Machine that runs.",
      "When it is reinstalled and keeps its Machine.",
      "Delete the Machine and let another one be made; or approve the request by hand."),
  MACHINE_WINDOW(
      Evidence.CLUSTER,
      "A ServiceAccount asks, and not within the time after the Machine was made that the policy"
          + " gives (inventory.sources[].machines.bootstrappers[].window).",
      "With the ServiceAccount's token, by joining as a Machine that never started.",
      "When it takes longer to start than the policy allows.",
      "Give it more time in the policy; or approve the request by hand."),
  ATTESTATION(
      Evidence.CLUSTER,
      "The token's grant asks for an attestation, and there is none or it does not hold"
          + " for this name and key.",
      "With a token alone, without the machine that the issuer vouches for.",
      "When its document is too old, of another issuer, or of another audience.",
      "Read the message; correct the file of --attestation, or let the machine ask"
          + " again with a new document."),
  FACT_UNKNOWN(
      Evidence.CLUSTER,
      "A record, the Node or the inventory could not be read.",
      "It gains nothing but delay.",
      "When the API server or a file was not to be had for a moment.",
      "Wait; if it lasts, look at the approver's rights and log.");

  /** What a reason rests on, and so whether a denial, which is final, may rest on it. */
  public enum Evidence {
    /** The request itself, which never changes: deny. */
    REQUEST,
    /**
     * A record or Node read for this decision from the API server, not from a cache. Waiting would
     * leave a hostile request pending until the record changes in its favour: deny.
     */
    RECORD,
    /** Something that may be put right: hold, and look again. */
    CLUSTER
  }

  private final Evidence evidence;
  private final String meaning;
  private final String attack;
  private final String honest;
  private final String remedy;

  JoinReason(Evidence evidence, String meaning, String attack, String honest, String remedy) {
    this.evidence = evidence;
    this.meaning = meaning;
    this.attack = attack;
    this.honest = honest;
    this.remedy = remedy;
  }

  /** The name in CamelCase, as in conditions and in metrics, for example {@code TokenUsedUp}. */
  public String camelCase() {
    return Reason.camelCaseOf(this);
  }

  /** What it rests on. */
  public Evidence evidence() {
    return evidence;
  }

  /** What it means, a sentence. */
  public String meaning() {
    return meaning;
  }

  /** How an attacker would cause it. */
  public String attack() {
    return attack;
  }

  /** How an honest machine can cause it. */
  public String honest() {
    return honest;
  }

  /** What to do about it. */
  public String remedy() {
    return remedy;
  }
}
