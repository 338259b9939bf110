// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.feed;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.tidemark.proto.v1.Effect;
import io.tidemark.proto.v1.Effects;
import io.tidemark.proto.v1.FeedCommit;
import io.tidemark.proto.v1.RowImage;
import io.tidemark.proto.v1.ShardEffects;
import io.tidemark.proto.v1.SystemEffect;
import io.tidemark.proto.v1.SystemEffects;
import io.tidemark.proto.v1.Tombstone;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.transition.RowEffect;
import io.tidemark.store.transition.SystemChange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Effects as the contract's messages, and back. */
public final class EffectsCodec {

    private EffectsCodec() {}

    /** Encoded, with rising shards. */
    static List<ShardEffects> byShard(List<RowEffect> rows) {
        if (rows.size() == 1
                && rows.get(0) instanceof RowEffect.Put put
                && put.row().expireTime() == null) {
            return List.of(ofShard(put.shard(), PutEffect.encode(put)));
        }
        return byShardOfAny(rows);
    }

    /** The same without the short cut for what most commits are. */
    static List<ShardEffects> byShardOfAny(List<RowEffect> rows) {
        NavigableMap<Integer, Effects.Builder> shards = new TreeMap<>();
        for (RowEffect row : rows) {
            shards.computeIfAbsent(row.shard(), shard -> Effects.newBuilder()).addEffects(effect(row));
        }
        List<ShardEffects> encoded = new ArrayList<>(shards.size());
        shards.forEach(
                (shard, effects) -> encoded.add(ofShard(shard, effects.build().toByteString())));
        return List.copyOf(encoded);
    }

    private static ShardEffects ofShard(int shard, ByteString effects) {
        return ShardEffects.newBuilder().setShard(shard).setEffects(effects).build();
    }

    private static Effect effect(RowEffect row) {
        Effect.Builder effect = Effect.newBuilder()
                .setTable(row.name().table())
                .setKey(row.name().key())
                .setPosition(row.position());
        if (row instanceof RowEffect.Put put) {
            effect.setPut(image(put.row()));
        } else if (row instanceof RowEffect.Tombstone tombstone) {
            effect.setTombstone(Tombstone.newBuilder().setCause(tombstone.cause()));
        }
        return effect.build();
    }

    /** A row without what the commit that made it says. */
    public static RowImage image(StoredRow row) {
        RowImage.Builder image = RowImage.newBuilder()
                .setValue(row.value())
                .setContentType(row.contentType())
                .setVersion(row.version())
                .setCreatedIndex(row.createdIndex());
        LogTime expireTime = row.expireTime();
        if (expireTime != null) {
            image.setExpireTime(expireTime.toTimestamp());
        }
        return image.build();
    }

    /** The row of an image that a commit made at that index and time. */
    public static StoredRow row(RowImage image, long modifiedIndex, LogTime modifiedTime) {
        return new StoredRow(
                image.getValue(),
                image.getContentType(),
                image.getVersion(),
                image.getCreatedIndex(),
                modifiedIndex,
                modifiedTime,
                image.hasExpireTime() ? LogTime.of(image.getExpireTime()) : null);
    }

    static ByteString system(List<SystemChange> changes) {
        return systemEffects(changes).toByteString();
    }

    public static SystemEffects systemEffects(List<SystemChange> changes) {
        SystemEffects.Builder effects = SystemEffects.newBuilder();
        for (SystemChange change : changes) {
            if (change instanceof SystemChange.TableChanged changed) {
                effects.addEffectsBuilder().setTable(changed.table());
            } else if (change instanceof SystemChange.TableRemoved removed) {
                effects.addEffectsBuilder().setRemovedTable(removed.table());
            } else if (change instanceof SystemChange.HorizonRaised raised) {
                effects.addEffectsBuilder().setHorizon(raised.horizon());
            } else if (change instanceof SystemChange.VersionRaised raised) {
                effects.addEffectsBuilder().setTransitionVersion(raised.transitionVersion());
            } else if (change instanceof SystemChange.SettingsChanged changed) {
                effects.addEffectsBuilder().setSettings(changed.settings());
            }
        }
        return effects.build();
    }

    /** Whether a table is new is not told: who applies it sees that. */
    public static List<SystemChange> systemChanges(SystemEffects effects) {
        List<SystemChange> changes = new ArrayList<>(effects.getEffectsCount());
        for (SystemEffect effect : effects.getEffectsList()) {
            switch (effect.getChangeCase()) {
                case TABLE -> changes.add(new SystemChange.TableChanged(effect.getTable(), false));
                case REMOVED_TABLE -> changes.add(new SystemChange.TableRemoved(effect.getRemovedTable()));
                case HORIZON -> changes.add(new SystemChange.HorizonRaised(effect.getHorizon()));
                case SETTINGS -> changes.add(new SystemChange.SettingsChanged(effect.getSettings()));
                case TRANSITION_VERSION -> changes.add(new SystemChange.VersionRaised(effect.getTransitionVersion()));
                case CHANGE_NOT_SET ->
                    throw new IllegalArgumentException("a commit has a system effect that is not known");
            }
        }
        return changes;
    }

    static CommitEffects.Content decode(FeedCommit commit) {
        LogTime logTime = LogTime.of(commit.getLogTime());
        List<RowEffect> rows = new ArrayList<>();
        try {
            for (ShardEffects shard : commit.getShardsList()) {
                for (Effect effect : effects(shard.getEffects()).getEffectsList()) {
                    rows.add(rowEffect(effect, shard.getShard(), commit.getIndex(), logTime));
                }
            }
            rows.sort(Comparator.comparingInt(RowEffect::position));
            return new CommitEffects.Content(rows, systemChanges(SystemEffects.parseFrom(commit.getSystemEffects())));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("commit " + commit.getIndex() + " of the feed is unreadable", e);
        }
    }

    /** Their values are part of the bytes, not copied out of them. */
    private static Effects effects(ByteString bytes) throws InvalidProtocolBufferException {
        CodedInputStream input = bytes.newCodedInput();
        input.enableAliasing(true);
        Effects effects = Effects.parser().parseFrom(input);
        input.checkLastTagWas(0);
        return effects;
    }

    private static RowEffect rowEffect(Effect effect, int shard, long index, LogTime logTime) {
        RowName name = new RowName(effect.getTable(), effect.getKey());
        return switch (effect.getChangeCase()) {
            case PUT -> new RowEffect.Put(name, shard, effect.getPosition(), row(effect.getPut(), index, logTime));
            case TOMBSTONE ->
                new RowEffect.Tombstone(
                        name, shard, effect.getPosition(), effect.getTombstone().getCause());
            case CHANGE_NOT_SET ->
                throw new IllegalArgumentException(
                        "row " + name + " has an effect that is not known, at index " + index);
        };
    }
}
