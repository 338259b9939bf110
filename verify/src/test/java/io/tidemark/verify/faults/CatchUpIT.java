// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.proto.v1.BatchWriteRequest;
import io.tidemark.proto.v1.BatchWriteResponse;
import io.tidemark.proto.v1.GetDigestsRequest;
import io.tidemark.proto.v1.GetDigestsResponse;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.RaiseHorizonRequest;
import io.tidemark.proto.v1.RaiseHorizonResponse;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import io.tidemark.verify.process.ServerUnderTest;
import io.tidemark.verify.process.Servers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A replica that was away, or whose source goes away: it comes to have all there is, by the shorter way. */
@Tag("faults")
class CatchUpIT {
}
