// SPDX-License-Identifier: Apache-2.0
/** Example programs. Each is a class that an application could have, with a {@code main} to try it. */
@NullMarked
package com.example;

import org.jspecify.annotations.NullMarked;
