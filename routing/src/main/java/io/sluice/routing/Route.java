package io.sluice.routing;

import io.sluice.routing.topology.Server;

/** Stand-in: where one key goes. */
public record Route(Server server) {}
