// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import io.tidemark.client.TidemarkClient;
import io.tidemark.client.internal.gateway.Gateway;
import io.tidemark.rest.config.SidecarConfig;
import io.tidemark.rest.kv.Asks;
import io.tidemark.rest.kv.CacheAges;
import io.tidemark.rest.kv.CacheRules;
import io.tidemark.rest.kv.Commits;
import io.tidemark.rest.kv.Failures;
import io.tidemark.rest.kv.Reads;
import io.tidemark.rest.kv.RowGet;
import io.tidemark.rest.kv.RowWrites;
import io.tidemark.rest.kv.ScanLines;
import io.tidemark.rest.kv.Sessions;
import io.tidemark.rest.kv.Stamps;
import io.tidemark.rest.kv.TableWrites;
import io.tidemark.rest.resource.Resource;
import io.tidemark.rest.resource.ResourceLists;
import io.tidemark.rest.resource.ResourceSpec;
import io.tidemark.rest.routing.Binding;
import io.tidemark.rest.routing.Handler;
import io.tidemark.rest.routing.Route;
import io.tidemark.rest.watch.TopologyEvents;
import io.tidemark.rest.watch.WatchHandler;
import io.tidemark.rest.watch.Watchers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Who answers which call of the contract, and which documents. */
final class ContractRoutes {

    private final Map<String, Handler> handlers;
    private final Resource.Parts resourceParts;

    ContractRoutes(TidemarkClient client, Gateway gateway, SidecarConfig config, Sessions sessions, Watchers watchers) {
        Stamps stamps = new Stamps(sessions);
        Asks asks = new Asks(sessions, config.reads().maxStaleness());
        CacheRules cacheRules = new CacheRules(new CacheAges(gateway, System::nanoTime), asks);
        RowGet rows = new RowGet(gateway, asks, stamps, cacheRules);
        Failures failures = new Failures(stamps);
        RowWrites writes = new RowWrites(client, sessions, stamps, failures);
        Reads reads = new Reads(gateway, asks, stamps, cacheRules);
        Commits commits = new Commits(gateway, sessions, stamps);
        TableWrites tables = new TableWrites(gateway, sessions, stamps);
        WatchHandler.Options watching = new WatchHandler.Options(
                config.watches().heartbeat(),
                config.watches().bufferBytes(),
                config.watches().stallMax());
        this.resourceParts =
                new Resource.Parts(client, rows, new ResourceLists.Source(reads, asks), sessions, stamps, failures);
        this.handlers = Map.ofEntries(
                Map.entry("KeyValue/Get", rows),
                Map.entry("KeyValue/BatchGet", reads::batchGet),
                Map.entry("KeyValue/Scan", reads::scan),
                Map.entry("KeyValue/StreamScan", new ScanLines(reads, stamps)),
                Map.entry("KeyValue/Put", writes::put),
                Map.entry("KeyValue/Patch", writes::patch),
                Map.entry("KeyValue/Delete", writes::delete),
                Map.entry("KeyValue/Commit", commits::commit),
                Map.entry("KeyValue/BatchWrite", commits::batch),
                Map.entry("KeyValue/Watch", new WatchHandler(client, sessions, watchers, watching)),
                Map.entry("KeyValue/Probe", reads::probe),
                Map.entry("Cluster/GetTopology", reads::topology),
                Map.entry("Cluster/WatchTopology", new TopologyEvents(gateway, watchers, watching)),
                Map.entry("Cluster/GetLimits", reads::limits),
                Map.entry("Cluster/CreateTable", tables::create),
                Map.entry("Cluster/GetTable", reads::table),
                Map.entry("Cluster/ListTables", reads::tables),
                Map.entry("Cluster/UpdateTable", tables::update),
                Map.entry("Cluster/DropTable", tables::drop),
                Map.entry("Maintenance/GetStatus", reads::status));
    }

    /**
     * All of them.
     *
     * @throws IllegalStateException if the contract has a route that nobody answers
     */
    List<Route> routes(List<ResourceSpec> resources) {
        List<Route> routes = new ArrayList<>();
        for (Binding binding : Binding.ofContract()) {
            Handler handler = handlers.get(binding.name());
            if (handler == null) {
                throw new IllegalStateException(
                        binding.method() + " " + binding.template() + ": nobody answers " + binding.name());
            }
            routes.add(new Route(binding.method(), binding.template(), binding.name(), handler));
        }
        resources.forEach(spec -> routes.addAll(new Resource(spec, resourceParts).routes()));
        return routes;
    }
}
