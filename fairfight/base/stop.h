#pragma once

namespace fairfight {

/// Installs handlers for SIGINT and SIGTERM: the first asks for a clean stop, the second ends the process at once (130).
void catch_stop_signals();

bool stop_requested();
void request_stop();

/// For loops whose progress is safe on disk (or has none worth keeping): throws Interrupted once a stop was asked for.
void check_stop();

}  // namespace fairfight
