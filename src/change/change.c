// SPDX-License-Identifier: ISC
#include "change/change.h"

const char *const change_source_names[CHANGE_SOURCES] = {"webhook", "git", "etcd", "syslog"};
