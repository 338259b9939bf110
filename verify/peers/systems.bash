# Starts and ends etcd and Tidemark for the scripts beside this, which source it with $root and $dir set. Bash.

# Everything about the two systems that one may want to change stands here.
etcd_version=3.4.23
tidemark_java_opts=(-Xmx512m)
tidemark_options=()
port_base="${PORT_BASE:-21000}"
nodes=(1 2 3)

java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
pids=()
stop_all() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
}
trap stop_all EXIT
trap 'exit 130' INT TERM

note() { echo "peers: $*" >&2; }
join() { local IFS=,; echo "$*"; }

# Debian's package, unpacked and not installed: nothing of it runs but what is started below.
fetch_etcd() {
  etcd="$dir/etcd-$etcd_version/usr/bin/etcd"
  [[ -x "$etcd" ]] && return
  note "getting etcd $etcd_version"
  mkdir -p "$dir/download"
  (cd "$dir/download" && apt-get download "etcd-server=$etcd_version-*" >&2)
  dpkg-deb -x "$dir"/download/etcd-server_"$etcd_version"-*.deb "$dir/etcd-$etcd_version"
}

start_etcd() {
  local cluster=() i
  for i in "${nodes[@]}"; do cluster+=("e$i=http://127.0.0.1:$((port_base + 10 + i))"); done
  etcd_pids=()
  etcd_endpoints=()
  for i in "${nodes[@]}"; do
    rm -rf "$dir/data/e$i"
    "$etcd" --name "e$i" --data-dir "$dir/data/e$i" \
      --listen-client-urls "http://127.0.0.1:$((port_base + i))" \
      --advertise-client-urls "http://127.0.0.1:$((port_base + i))" \
      --listen-peer-urls "http://127.0.0.1:$((port_base + 10 + i))" \
      --initial-advertise-peer-urls "http://127.0.0.1:$((port_base + 10 + i))" \
      --initial-cluster "$(join "${cluster[@]}")" --initial-cluster-state new >"$dir/logs/e$i.log" 2>&1 &
    pids+=($!)
    etcd_pids+=($!)
    etcd_endpoints+=("127.0.0.1:$((port_base + i))")
  done
}

start_tidemark() {
  local cluster=() i
  for i in "${nodes[@]}"; do
    cluster+=("n$i@127.0.0.1:$((port_base + 20 + i))/$((port_base + 30 + i))/$((port_base + 34 + i))")
  done
  tidemark_pids=()
  tidemark_endpoints=()
  for i in "${nodes[@]}"; do
    rm -rf "$dir/data/n$i"
    # The launcher becomes the server: its process id is the server's.
    TIDEMARK_JAVA_OPTS="${tidemark_java_opts[*]}" "$root/deploy/tidemark" node --id="n$i" --data-dir="$dir/data/n$i" \
      --host=127.0.0.1 --client.port="$((port_base + 20 + i))" --internal.port="$((port_base + 30 + i))" \
      --raft.port="$((port_base + 34 + i))" --http.port=0 --cluster.nodes="$(join "${cluster[@]}")" \
      "${tidemark_options[@]}" >"$dir/logs/n$i.log" 2>&1 &
    pids+=($!)
    tidemark_pids+=($!)
    tidemark_endpoints+=("127.0.0.1:$((port_base + 20 + i))")
  done
}

# The servers that have ended, if any have.
check_alive() {
  local pid
  for pid in "${pids[@]}"; do
    kill -0 "$pid" 2>/dev/null || { note "a server has ended: see $dir/logs"; tail -n 5 "$dir"/logs/*.log >&2; exit 1; }
  done
}

# A replica, once the nodes are there: replica_pid and replica_endpoint are its.
start_replica() {
  local cluster=() i
  for i in "${nodes[@]}"; do
    cluster+=("n$i@127.0.0.1:$((port_base + 20 + i))/$((port_base + 30 + i))/$((port_base + 34 + i))")
  done
  rm -rf "$dir/data/r1"
  TIDEMARK_JAVA_OPTS="${tidemark_java_opts[*]}" "$root/deploy/tidemark" replica --id=r1 --data-dir="$dir/data/r1" \
    --host=127.0.0.1 --client.port="$((port_base + 38))" --internal.port="$((port_base + 39))" --http.port=0 \
    --cluster.nodes="$(join "${cluster[@]}")" >"$dir/logs/r1.log" 2>&1 &
  replica_pid=$!
  replica_endpoint="127.0.0.1:$((port_base + 38))"
  pids+=("$replica_pid")
  # It writes its ports when it is ready.
  for ((i = 0; i < 600; i++)); do
    [[ -e "$dir/data/r1/ports" ]] && return
    check_alive
    sleep 0.1
  done
  note "the replica is not ready after a minute: see $dir/logs/r1.log"
  exit 1
}

# Builds a module of this repository and what it stands on; classpath is what it takes to run it.
build() {
  mkdir -p "$dir/data" "$dir/logs"
  note "building"
  (cd "$root" && ${MVN:-mvn} --batch-mode -q -DskipTests -pl "$1" -am package dependency:build-classpath \
    -Dmdep.outputFile=target/classpath) >&2
  classpath="$root/$1/target/classes:$(cat "$root/$1/target/classpath")"
}
