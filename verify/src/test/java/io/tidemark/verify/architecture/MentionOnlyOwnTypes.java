// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Holds if nothing that users can see of a class mentions a type of the given packages, type arguments included. */
final class MentionOnlyOwnTypes extends ArchCondition<JavaClass> {

    private final List<String> forbiddenPackages;

    MentionOnlyOwnTypes(String... forbiddenPackages) {
        super("mention no type of " + String.join(", ", forbiddenPackages) + " where users see it");
        this.forbiddenPackages = List.of(forbiddenPackages);
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
        if (!isVisible(type.getModifiers())) {
            return;
        }
        Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream())
                .forEach(parent -> report(type, type.getFullName(), parent, events));
        for (JavaMember member : type.getMembers()) {
            if (isVisible(member.getModifiers())) {
                typesOf(member).forEach(t -> report(type, member.getFullName(), t, events));
            }
        }
    }

    private static Stream<JavaType> typesOf(JavaMember member) {
        if (member instanceof com.tngtech.archunit.core.domain.JavaField field) {
            return Stream.of(field.getType());
        }
        if (member instanceof com.tngtech.archunit.core.domain.JavaCodeUnit unit) {
            Stream<JavaType> thrown = unit.getExceptionTypes().stream().map(JavaType.class::cast);
            return Stream.concat(
                    Stream.concat(Stream.of(unit.getReturnType()), unit.getParameterTypes().stream()), thrown);
        }
        return Stream.empty();
    }

    private void report(JavaClass owner, String where, JavaType mentioned, ConditionEvents events) {
        Set<String> names = mentioned.getAllInvolvedRawTypes().stream()
                .map(JavaClass::getFullName)
                .filter(this::isForbidden)
                .collect(Collectors.toSet());
        for (String name : names) {
            events.add(SimpleConditionEvent.violated(owner, where + " mentions " + name));
        }
    }

    private boolean isForbidden(String name) {
        return forbiddenPackages.stream().anyMatch(p -> name.startsWith(p + "."));
    }

    private static boolean isVisible(Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
    }
}
