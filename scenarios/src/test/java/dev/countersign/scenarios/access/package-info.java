/** How commands reach a cluster, and how they show what others wrote into it. */
@NullMarked
package dev.countersign.scenarios.access;

import org.jspecify.annotations.NullMarked;
