/**
 * The Grafana dashboard, asked panel by panel of a real Prometheus that scrapes real approvers.
 *
 * <p>Threat addressed: a dashboard that shows nothing on the day it is needed.
 *
 * <p>Refused: a picture of made-up figures.
 */
@NullMarked
package dev.countersign.scenarios.dashboard;

import org.jspecify.annotations.NullMarked;
