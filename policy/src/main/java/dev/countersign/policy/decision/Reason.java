package dev.countersign.policy.decision;

import static dev.countersign.policy.decision.ViolationScope.CLUSTER;
import static dev.countersign.policy.decision.ViolationScope.POLICY;
import static dev.countersign.policy.decision.ViolationScope.RECORD;
import static dev.countersign.policy.decision.ViolationScope.REQUEST;

import java.util.Optional;

/**
 * Every rule that a request can break. Names are stable: they are metric labels, reasons of
 * conditions and events, and anchors of {@code docs/reference/reasons.md}, which is generated from
 * the texts here.
 *
 * <p>One long table on purpose: both signers share it, and a reason is read with its neighbours.
 */
public enum Reason {
  // ---- the request's encoding
  REQUEST_MALFORMED(
      REQUEST,
      "spec.request is not one PEM block holding one PKCS#10 request in DER.",
      "By looking for a decoder that reads the bytes differently from the signer.",
      "It cannot: the API server refuses most of these at creation.",
      "Read the path in the message; create the request with a standard library."),
  REQUEST_TOO_LARGE(
      POLICY,
      "spec.request is longer than the policy allows.",
      "By flooding the approver, etcd or whoever reads requests with bulk.",
      "Only with hundreds of addresses on one Node.",
      "Raise limits.requestBytes in the policy file if the Node's addresses are all real."),
  REQUEST_ATTRIBUTE_UNEXPECTED(
      REQUEST,
      "The PKCS#10 request carries an attribute other than one extension request, or that one more"
          + " than once or with more than one value.",
      "By hiding a second set of extensions where some readers look and others do not.",
      "It cannot: kubelets send exactly one extension request.",
      "Create the request without challenge passwords and vendor attributes."),

  // ---- the subject
  SUBJECT_COMMON_NAME_NOT_EXACT(
      REQUEST,
      "The subject does not have exactly one common name of the form system:node:<name>.",
      "By giving two names, so that approver and signer each read another one, or none.",
      "It cannot: kubelets always send exactly one.",
      "Set the common name to system:node:<node name>, once."),
  SUBJECT_ORGANIZATION_NOT_EXACT(
      REQUEST,
      "The subject's organizations are not exactly system:nodes, once.",
      "By adding a group such as system:masters that an API server would believe.",
      "It cannot: kubelets always send exactly system:nodes.",
      "Set the organization to system:nodes and no other."),
  SUBJECT_ATTRIBUTE_UNEXPECTED(
      REQUEST,
      "The subject has attributes other than common name and organization, or several in one"
          + " relative distinguished name.",
      "By carrying a claim (an organizational unit, a serial number) into the certificate unseen.",
      "It cannot: kubelets send neither.",
      "Remove the attribute."),
  SUBJECT_STRING_TYPE(
      REQUEST,
      "A subject value is encoded as something other than PrintableString or UTF8String.",
      "By using an encoding (BMPString, TeletexString) that readers decode differently.",
      "It cannot: Go writes only these two.",
      "Create the request with a current library."),
  NODE_NAME_SYNTAX(
      REQUEST,
      "What follows system:node: is not a name that a Node can have.",
      "By smuggling control characters, look-alike letters or path parts into places that show it.",
      "It cannot: the API server would not store such a Node.",
      "Give the kubelet a valid --hostname-override."),

  // ---- the requestor
  USERNAME_NOT_COMMON_NAME(
      REQUEST,
      "The user that created the request is not the one its common name names.",
      "With one node's credentials, by asking for another node's certificate.",
      "When a machine was renamed and kept its kubeconfig. Requests of users that are no nodes are"
          + " denied only with requestors.others: Deny.",
      "Join the machine again under its new name. The denial is final: delete this request."),
  GROUP_MISSING(
      REQUEST,
      "The user that created the request is not in system:nodes and system:authenticated.",
      "With the right to create requests but no node's credentials.",
      "When the kubelet uses a token or certificate that lacks the group.",
      "Look at the kubelet's kubeconfig: its certificate must have organization system:nodes. The"
          + " denial is final; the kubelet asks again."),

  // ---- usages, life time
  USAGES_NOT_PERMITTED(
      REQUEST,
      "spec.usages is not one of the sets that kubelets ask for.",
      "By adding client auth or cert sign, to get more than a server's certificate.",
      "It cannot, from Kubernetes 1.20 on.",
      "Ask for digital signature and server auth, with or without key encipherment."),
  EXPIRATION_OUT_OF_BOUNDS(
      REQUEST,
      "spec.expirationSeconds is outside the policy's bounds.",
      "By asking for a certificate that outlives the node, its key or its owner's attention.",
      "It does not: kubelets leave it out.",
      "Raise limits.expiration.max in the policy file, or ask for less."),

  // ---- the key
  KEY_ALGORITHM_NOT_ALLOWED(
      REQUEST,
      "The key's algorithm or curve is not among those that the policy allows.",
      "By choosing an algorithm nobody checks properly.",
      "It does not: kubelets use ECDSA P-256.",
      "Use ECDSA P-256, or list the algorithm in keys.algorithms and its curve in keys.curves in"
          + " the policy file."),
  KEY_SIZE_NOT_ALLOWED(
      REQUEST,
      "The RSA key is shorter or longer than the policy allows.",
      "By choosing a key that others can factor, or one so long that verifying it costs seconds.",
      "It does not: kubelets use ECDSA P-256.",
      "Use ECDSA P-256 or an RSA key of 2048 to 8192 bits."),
  KEY_KNOWN_WEAK(
      REQUEST,
      "The key is unfit whatever its size: an unusual exponent, primes that can be found, curve"
          + " parameters spelt out, a point off its curve.",
      "By using a published or broken key, so that someone else can impersonate the node.",
      "When a broken library or device made the key.",
      "Delete the key on the node and let the kubelet make a new one."),
  SIGNATURE_ALGORITHM_NOT_ALLOWED(
      REQUEST,
      "The request is signed with a hash that is no longer trusted, or with another algorithm than"
          + " its key's.",
      "By proving possession with SHA-1 or MD5, for which proofs can be forged.",
      "It cannot: kubelets sign with SHA-256 or better.",
      "Create the request with SHA-256."),
  POSSESSION_NOT_PROVEN(
      REQUEST,
      "The request's signature does not verify with the key in it.",
      "By asking for a certificate for someone else's key.",
      "When the request was damaged on its way.",
      "Create it again."),

  // ---- extensions
  CA_REQUESTED(
      REQUEST,
      "The request asks for a certificate that can sign others.",
      "By hoping for a signer that copies extensions, to become a certificate authority.",
      "It cannot.",
      "Remove basicConstraints and keyUsage from the request."),
  EXTENSION_DUPLICATE(
      REQUEST,
      "An extension is requested more than once.",
      "By letting approver and signer each read another copy.",
      "It cannot.",
      "Request each extension once."),
  EXTENSION_UNEXPECTED(
      REQUEST,
      "An extension other than subjectAltName is requested.",
      "By carrying name constraints, policies or vendor extensions into the certificate.",
      "It cannot: kubelets request subjectAltName only.",
      "Remove the extension."),

  // ---- subject alternative names: form
  SAN_MISSING(
      REQUEST,
      "There is no DNS name and no IP address in subjectAltName.",
      "By hoping that clients fall back to the common name.",
      "When its Node has no address yet; later requests have them.",
      "Wait for the next request; set --node-ip or the cloud provider if none follows."),
  SAN_TYPE_NOT_ALLOWED(
      REQUEST,
      "subjectAltName holds something other than DNS names and IP addresses.",
      "By asking for an e-mail address, a URI (SPIFFE identities are URIs) or a directory name.",
      "It cannot.",
      "Remove the entry."),
  SAN_MALFORMED(
      REQUEST,
      "A subjectAltName entry cannot be read as what its tag says.",
      "By looking for readers that see different names in the same bytes.",
      "It cannot.",
      "Create the request with a standard library."),
  SAN_TOO_MANY(
      POLICY,
      "There are more names and addresses than the policy allows.",
      "By collecting names, or to make every check expensive.",
      "With very many addresses on one Node.",
      "Raise limits.names in the policy file if they are all real."),
  DNS_WILDCARD(
      REQUEST,
      "A DNS name holds an asterisk.",
      "By asking for a name that matches other hosts.",
      "It cannot: Node addresses are no patterns.",
      "Name the host itself."),
  DNS_SYNTAX(
      REQUEST,
      "A DNS name is not a host name: letters, digits and inner hyphens in labels of 1 to 63,"
          + " at most 253 characters.",
      "With NUL or control characters, spaces, letters outside ASCII, empty or over-long labels,"
          + " which verifiers treat differently.",
      "When a cloud provider reports such a name.",
      "Rename the host, or correct what the provider reports."),
  DNS_UNDERSCORE(
      POLICY,
      "A DNS name is a host name but for an underscore.",
      "By naming a record of DNS that is no host's, such as _ldap._tcp.example.com.",
      "When the machine's host name, or the name that its provider reports, has an underscore.",
      "Rename the host, or set names.allowUnderscore: true in the policy file."),
  DNS_TRAILING_DOT(
      POLICY,
      "A DNS name ends in a dot.",
      "By writing a protected name so that a comparison misses it.",
      "When a cloud provider reports a fully qualified host name with its dot.",
      "Remove the dot from the Node's address, or set names.allowTrailingDot: true in the policy"
          + " file."),
  DNS_INTERNATIONALIZED(
      POLICY,
      "A DNS name has a label in the encoding of internationalized names (xn--).",
      "By imitating another name with look-alike letters.",
      "When the site's domain is internationalized.",
      "List the name or its domain under names.allowIDN in the policy file."),
  DNS_IS_ADDRESS(
      REQUEST,
      "A DNS name is an IP address in some notation (decimal, hexadecimal, octal, short, IPv6), and"
          + " not an IPv4 address that the request also asks for as one.",
      "By naming an address where address checks do not look; many clients accept it as a host.",
      "When a cloud provider reports an InternalDNS or ExternalDNS that is an IPv6 address, or an"
          + " address that is not the Node's. A Node that is itself called 4711 may ask for that.",
      "Correct what the provider reports."),
  DNS_REPEATS_ADDRESS(
      POLICY,
      "A DNS name is an IPv4 address that the request also asks for as an IP address.",
      "It gains nothing: the address is judged as one.",
      "When a cloud provider reports an InternalDNS or ExternalDNS that is an address; kubelets ask"
          + " for it as a DNS name.",
      "Set addresses.allowAsDnsNames: true in the policy file, or correct what the provider"
          + " reports."),
  IP_EMBEDS_IPV4(
      REQUEST,
      "An IPv6 entry stands for an IPv4 address (IPv4-mapped or IPv4-compatible).",
      "By writing a protected IPv4 address so that a comparison misses it; Go's encoder would turn"
          + " it into the IPv4 address when signing.",
      "It cannot: Go writes IPv4 addresses as four bytes.",
      "Write the address as IPv4."),
  IP_SPECIAL(
      REQUEST,
      "An IP address is loopback, unspecified, multicast, broadcast or otherwise not an address of"
          + " one host.",
      "By asking for 127.0.0.1, which is whatever machine the client runs on.",
      "When a cloud provider reports such an address; kubelets refuse it only in --node-ip.",
      "Give the kubelet its real address with --node-ip, or correct what the provider reports."),

  // ---- subject alternative names: bounds that hold without the cluster
  NAME_RESERVED(
      REQUEST,
      "A DNS name is one that every cluster or host uses for itself: localhost, or the API server's"
          + " Service in any of its forms.",
      "By asking for kubernetes.default.svc, to impersonate the API server to Pods.",
      "When a machine's host name is kubernetes or localhost.",
      "Rename the host."),
  PROTECTED_BY_POLICY(
      REQUEST,
      "A name or address is among those that the policy file protects.",
      "By asking for the name of something that the operator cares about.",
      "When the protected range or name was chosen too broadly.",
      "Correct protected in the policy file."),
  IP_OUTSIDE_ALLOWED_RANGES(
      POLICY,
      "An IP address is in none of the ranges that the policy file allows.",
      "By claiming an address outside the machines' network.",
      "When the machines got a new network or a second family of addresses.",
      "Add the range to addresses.allowedRanges in the policy file."),
  DNS_OUTSIDE_ALLOWED_PATTERNS(
      POLICY,
      "A DNS name matches none of the patterns that the policy file allows.",
      "By claiming a name outside the machines' domain.",
      "When machines are named by a new scheme.",
      "Add a pattern to names.allowedPatterns in the policy file."),
  DNS_WITHOUT_NODE_NAME(
      POLICY,
      "A DNS name does not begin with the Node's name, alone or before a dot, and the policy file"
          + " says names.nodeNamePrefix: Required.",
      "By claiming a name that has nothing to do with its own.",
      "When a cloud provider or DNS gives machines names of another scheme.",
      "Set names.nodeNamePrefix: Off in the policy file, or let the provider report names that"
          + " begin with the Node's."),
  RULE_REFUSED_REQUEST(
      REQUEST,
      "A rule of the policy file that looks only at the request refuses it.",
      "As the rule's message says.",
      "As the rule's message says.",
      "Read the rule's message; correct the rule if it is wrong."),

  // ---- cluster: who asks
  REQUESTOR_NOT_NODE(
      CLUSTER,
      "The user that created the request is not system:node:<name>, and the policy file says"
          + " requestors.others: Defer.",
      "With the right to create requests but no node's credentials.",
      "It cannot: it is not a kubelet that asks, but an operator, a controller or a person.",
      "Look at the request; approve it with kubectl certificate approve NAME, or delete it. With"
          + " requestors.others: Ignore such requests are left alone."),

  // ---- cluster: the Node and its addresses
  FACT_UNKNOWN(
      CLUSTER,
      "Something that the decision needs could not be found out.",
      "By making a lookup fail; that gains nothing but delay.",
      "When the API server, DNS or the inventory cannot be reached.",
      "Repair what the message names; the request is looked at again by itself."),
  NODE_MISSING(
      CLUSTER,
      "There is no Node of the name that the request names.",
      "By asking for a certificate for a node that does not exist.",
      "When the request arrives before its Node is registered; it passes once it is.",
      "Wait; if it lasts, look why the kubelet does not register (its log)."),
  SAN_NOT_NODE_ADDRESS(
      CLUSTER,
      "A requested name or address is not among the Node's addresses, or there with a type that"
          + " does not fit.",
      "By asking for a name that is not its own.",
      "When Node.status.addresses lags behind, or the cloud provider changes it; it passes once"
          + " they agree.",
      "Compare kubectl get node -o yaml with the request; the kubelet asks again after a change."),
  SAN_PROTECTED_BY_CLUSTER(
      CLUSTER,
      "A requested name or address belongs to the cluster: a Service, the API server, a Pod range,"
          + " the cluster domain.",
      "By writing the address into its own Node.status, which a kubelet may, to impersonate that"
          + " service.",
      "On a control plane machine whose Node lacks the label node-role.kubernetes.io/control-plane,"
          + " or where load balancers publish the Nodes' own addresses.",
      "List the control plane's Nodes in protected.controlPlaneNodes, or label them; for load"
          + " balancers set protected.serviceExternalAddresses: Ignore, or run countersign node"
          + " addresses --assign ADDRESS=NODE."),
  IP_LINK_LOCAL(
      CLUSTER,
      "An IP address is link-local (169.254.0.0/16, fe80::/10), and the policy file does not name"
          + " it.",
      "By asking for 169.254.169.254, where machines of many clouds look for their metadata.",
      "When a cloud provider reports such an address of the Node.",
      "Name the address, or a range as narrow as can be, in addresses.specialRanges in the policy"
          + " file."),
  SERVICE_RANGE_UNKNOWN(
      CLUSTER,
      "The range that Services get their addresses from is not known, so that a requested address"
          + " may be one of a Service to come.",
      "By writing a free address of that range into its own Node.status, to be the server that Pods"
          + " reach there later.",
      "Where the cluster has no ServiceCIDR objects (before Kubernetes 1.33) or the approver may"
          + " not list them, and its address is in the widest range that the API server can have by"
          + " the address of Service default/kubernetes, which is the first of it.",
      "Set protected.serviceCIDRs in the policy file to the API server's"
          + " --service-cluster-ip-range, or let the approver list servicecidrs."),
  ADDRESS_OWNED_BY_OTHER_NODE(
      CLUSTER,
      "Another Node owns a requested name or address, by having claimed it first.",
      "By writing another node's address into its own Node.status, or by joining under another"
          + " node's DNS name, to impersonate it.",
      "When machines swap addresses, or the old Node of an address was not deleted.",
      "Delete the Node that is gone; or run countersign node addresses --assign ADDRESS=NODE."),
  ADDRESS_CONTESTED(
      CLUSTER,
      "Several Nodes claim a requested name or address and nothing says who was first.",
      "By claiming another node's address while no approver was running.",
      "When several nodes really share a name or an outer address.",
      "Run countersign node addresses --assign ADDRESS=NODE, or list it under"
          + " ownership.sharedRanges or ownership.sharedNames in the policy file."),
  ADDRESS_RESERVED(
      CLUSTER,
      "The owner of a requested name or address has just left it; a Node that claimed it earlier"
          + " has to wait in case the owner returns.",
      "By claiming an address in advance, to catch it when its owner restarts.",
      "After machines have swapped addresses; it passes by itself.",
      "Wait, or run countersign node addresses --assign ADDRESS=NODE."),
  ADDRESS_CLAIM_UNRECORDED(
      CLUSTER,
      "The Node's claim to a requested name or address is not recorded yet.",
      "It gains nothing.",
      "For the moment between the Node's appearance and the record of its addresses.",
      "Wait; if it lasts, countersign node addresses NODE says whether the Node has used up its"
          + " room on record; look, too, whether the approver may write its records."),

  SIBLING_NAME_NOT_ASSIGNED(
      CLUSTER,
      "A requested DNS name has the form of another Node's name: the domain of this Node's name and"
          + " another host. No Node gets such a name on its own word.",
      "By writing the name of a machine that has not joined yet into its own Node.status, to have"
          + " its certificate and to keep it out.",
      "When a machine has several names of one domain, such as worker-3 and worker-3-storage.",
      "Run countersign node addresses --assign NAME=NODE, list the name in an inventory, or set"
          + " ownership.siblingNames: FirstClaim."),

  // ---- cluster: what the policy file can ask for
  ACCESS_REFUSED(
      CLUSTER,
      "The API server says that the requestor may not do what the policy file asks for.",
      "With credentials whose rights were withdrawn.",
      "When RBAC for nodes is incomplete.",
      "kubectl auth can-i create certificatesigningrequests --as <user> --as-group system:nodes"),
  DNS_UNRESOLVED(
      CLUSTER,
      "A requested DNS name does not resolve although the policy file requires it.",
      "By asking for a name that is not registered anywhere.",
      "When DNS is updated after the machine starts; it passes once it is. When its name is short"
          + " and DNS has it in a domain that is not searched.",
      "Register the name; list the domain under names.searchDomains; or set names.resolution:"
          + " Off."),
  DNS_RESOLVES_ELSEWHERE(
      CLUSTER,
      "A requested DNS name resolves to an address that the request does not ask for and that is"
          + " not on record as the Node's; or only to further interfaces.",
      "By asking for the name of another host, even if it lists that host's address in its own"
          + " status.",
      "When DNS still has the machine's former address, or has addresses of interfaces that the"
          + " Node does not report.",
      "Correct the record, or list the ranges of further interfaces under"
          + " names.additionalAddressRanges in the policy file."),
  INVENTORY_MISSING(
      CLUSTER,
      "The inventory does not know the Node.",
      "By joining a machine that nobody ordered.",
      "When the machine joins before its entry is written; it passes once it is.",
      "Add the entry; or, for Nodes that no inventory lists, let them renew what they serve now"
          + " with inventory.onMissing: Renew."),
  INVENTORY_MISMATCH(
      CLUSTER,
      "The inventory does not give the Node a requested name or address.",
      "By asking for a name that is not its own.",
      "When the inventory is out of date.",
      "Correct the entry."),
  SANS_CHANGED(
      CLUSTER,
      "The request names other hosts than the certificate that the Node serves now.",
      "With a node's credentials, by widening its certificate at renewal.",
      "When the machine got or lost an address.",
      "Look whether the change is expected; renewal.onChange in the policy file says whether it"
          + " defers the request."),
  PENDING_LIMIT(
      CLUSTER,
      "The requestor has more newer undecided requests than the policy allows.",
      "By flooding the cluster with requests.",
      "After it was deferred for hours; its newest requests are still looked at.",
      "Look why its requests are deferred; delete old ones."),
  RULE_REFUSED(
      CLUSTER,
      "A rule of the policy file that looks at the Node or at time refuses the request.",
      "As the rule's message says.",
      "As the rule's message says.",
      "Read the rule's message; correct the rule if it is wrong."),
  RULE_UNDECIDED(
      CLUSTER,
      "A rule of the policy file could not be evaluated, or cost more than its limit.",
      "By sending a request that makes the rule fail; that gains nothing but delay.",
      "When the rule reads a field that the Node does not have.",
      "Correct the rule: guard optional fields with has()."),

  // ---- client certificates under strict join: the request
  ALTERNATIVE_NAMES(
      REQUEST,
      "The request asks for subject alternative names, and a client certificate of a"
          + " node has none.",
      "By hoping that the certificate will also serve as a server's.",
      "Only when something other than a kubelet makes the request.",
      "Let the kubelet make its request."),
  EXTENSIONS(
      REQUEST,
      "The request carries an attribute or an extension, and a kubelet's has none.",
      "By hoping that the signer copies an extension into the certificate.",
      "Only when something other than a kubelet makes the request.",
      "Let the kubelet make its request."),
  RENEWAL_OF_ANOTHER_NAME(
      REQUEST,
      "A node asks for a certificate of another node's name.",
      "With one node's credentials, to become another node.",
      "When a machine was renamed and kept its kubeconfig.",
      "Delete the kubelet's kubeconfig and certificates on that machine, and join it"
          + " with a token."),

  // ---- client certificates under strict join: who asks, records and the Node
  REQUESTER(
      CLUSTER,
      "Who asks is neither a bootstrap token nor a node.",
      "With other credentials that may create requests.",
      "When it bootstraps by a service account or by an administrator's kubeconfig.",
      "Join with a token of countersign token create --node NODE; or look at the request and"
          + " approve it by hand: countersign csr approve NAME --reason TEXT --force."),
  TOKEN_NOT_FOR_NODE(
      RECORD,
      "The token's grant names other nodes.",
      "With the token of one machine, by joining under another name.",
      "When it got another machine's bootstrap kubeconfig, or its host name is not the"
          + " one that was ordered.",
      "Compare host name and countersign token list; make a token for this name."),
  TOKEN_USED_UP(
      RECORD,
      "Every use that the token was granted is taken.",
      "By joining once more with a token it found on a machine.",
      "When its token was stolen and used before it, or it joins again after its disk was erased.",
      "See in the message when the last use was. Nobody of yours: run"
          + " countersign node delete NODE, then countersign token rotate TOKEN. Else make a new"
          + " token: countersign token create --node NODE."),
  TOKEN_WINDOW_OVER(
      RECORD,
      "The request was made after the end of the token's window.",
      "With an old token.",
      "When the machine was started later than planned.",
      "Make a new token."),
  NODE_TAKEN(
      RECORD,
      "There is a Node of that name, which may still hold a valid certificate.",
      "By joining under the name of a node that runs.",
      "When it is reinstalled and its Node is still there.",
      "Run countersign node delete NODE, then let it ask again; or make a token for a Node that is"
          + " there: countersign token create --node NODE --allow-rejoin."),
  NAME_REVOKED(
      RECORD,
      "An operator revoked the name by node delete, so its certificate is not renewed.",
      "With the credentials of a deleted node, by going on.",
      "When its Node was deleted by mistake.",
      "Join it again with a token: countersign token create --node NODE."),
  TOKEN_WITHOUT_GRANT(
      CLUSTER,
      "There is no grant for the token.",
      "With a token that was made by other means.",
      "When its token was made by kubeadm or kubectl, or before strict join.",
      "Make tokens with countersign token create --node NODE, which writes the grant."),
  TOKEN_WINDOW_NOT_OPEN(
      CLUSTER,
      "The request was made before the token's window.",
      "With a token that it found before its time.",
      "When the machine was started earlier than planned.",
      "Restart its kubelet once the window is open, or make another token."),
  NAME_CLAIMED(
      CLUSTER,
      "Another join took the name a short while ago, and its Node has not appeared yet.",
      "By racing a machine that is just joining.",
      "When two machines have the same host name, or it was reinstalled within a"
          + " quarter of an hour.",
      "Wait; see in the message which token took the name."),
  NOT_IN_INVENTORY(
      CLUSTER,
      "The token's grant asks for a machine that the inventory knows, and it does not"
          + " know this name.",
      "By joining a machine that nobody ordered.",
      "When it joins before its entry is written; it passes once it is.",
      "Add the entry to the file of --join-inventory."),
  MACHINE_MISSING(
      CLUSTER,
      "A ServiceAccount asks, and not exactly one Machine has the node's name among its addresses.",
      "With the ServiceAccount's token, by joining a machine that nobody ordered.",
      "When its provider has not written its addresses yet; it passes once they are there. Or when"
          + " the kubelet's name is not one of them.",
      "Compare the Node's name with status.addresses of the Machines; or look at the request"
          + " and approve it by hand: countersign csr approve NAME --reason TEXT --force."),
  MACHINE_JOINED(
      CLUSTER,
      "A ServiceAccount asks, and the Machine of that name is a Node already (status.nodeRef).",
      "With the ServiceAccount's token, by joining under the name of a Machine that runs.",
      "When it is reinstalled and keeps its Machine.",
      "Delete the Machine and let another one be made; or look at the request and"
          + " approve it by hand: countersign csr approve NAME --reason TEXT --force."),
  MACHINE_WINDOW(
      CLUSTER,
      "A ServiceAccount asks, and not within the time after the Machine was made that the policy"
          + " gives (inventory.sources[].machines.bootstrappers[].window).",
      "With the ServiceAccount's token, by joining as a Machine that never started.",
      "When it takes longer to start than the policy allows.",
      "Give it more time in the policy; or look at the request and"
          + " approve it by hand: countersign csr approve NAME --reason TEXT --force."),
  ATTESTATION(
      CLUSTER,
      "The token's grant asks for an attestation, and there is none or it does not hold"
          + " for this name and key.",
      "With a token alone, without the machine that the issuer vouches for.",
      "When its document is too old, of another issuer, or of another audience.",
      "Read the message; correct the file of --attestation, or let the machine ask"
          + " again with a new document.");

  private final ViolationScope evidence;
  private final String meaning;
  private final String attack;
  private final String honest;
  private final String remedy;

  Reason(ViolationScope evidence, String meaning, String attack, String honest, String remedy) {
    this.evidence = evidence;
    this.meaning = meaning;
    this.attack = attack;
    this.honest = honest;
    this.remedy = remedy;
  }

  /** Whether it rests on the immutable request or on cluster state. */
  public ViolationScope evidence() {
    return evidence;
  }

  /** What it means, a sentence or two. */
  public String meaning() {
    return meaning;
  }

  /** How an attacker would cause it. */
  public String attack() {
    return attack;
  }

  /** How an honest node can cause it. */
  public String honest() {
    return honest;
  }

  /** What to do about it. */
  public String remedy() {
    return remedy;
  }

  /**
   * The name in CamelCase, as Kubernetes writes reasons of conditions and events, for example
   * {@code SanNotNodeAddress}.
   */
  public String camelCase() {
    StringBuilder out = new StringBuilder(name().length());
    for (String word : name().split("_", -1)) {
      out.append(word.charAt(0));
      for (int i = 1; i < word.length(); i++) {
        out.append(Character.toLowerCase(word.charAt(i)));
      }
    }
    return out.toString();
  }

  /** The reason of that CamelCase name. */
  public static Optional<Reason> ofCamelCase(String text) {
    for (Reason reason : values()) {
      if (reason.camelCase().equals(text)) {
        return Optional.of(reason);
      }
    }
    return Optional.empty();
  }
}
