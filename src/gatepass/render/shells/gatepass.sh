# Gatepass for @SHELL@. The line for @FILE@:
#   eval "$(gatepass shell-init @SHELL@)"
# Behind sudo, leave, creds load, creds clear and region, the environment of this shell follows.

# Tells this shell from others, whose stacks of sessions are their own; reading the start file again changes nothing.
case "${_gatepass_stack-}" in
  "$$."*) ;;
  *) _gatepass_stack="$$.$RANDOM$RANDOM" ;;
esac

function gatepass {
  local help=""
  # Help changes nothing that this shell could follow.
  case " $* " in *" --help "*|*" -h "*) help="asked" ;; esac
  case "${1-}" in
    sudo|assume) shift; _gatepass_sudo "$@" || return ;;
    leave|region) _gatepass_run "$@" || return ;;
    creds) _gatepass_run "$@" || return
      case "${2-}" in load|clear) ;; *) return 0 ;; esac ;;
    *) _gatepass_run "$@"; return ;;
  esac
  if [ -z "$help" ]; then _gatepass_follow; fi
}

# The command itself.
function _gatepass_run {
  GATEPASS_SHELL=@SHELL@ GATEPASS_STACK="$_gatepass_stack" command gatepass "$@"
}

# Evaluate the lines that bring the environment in line; they come through a pipe and stay in this function.
function _gatepass_follow {
  local _gatepass_lines
  _gatepass_lines="$(_gatepass_run shell-env @SHELL@)" || return
  eval "$_gatepass_lines"
}

# A second word behind sudo is an external ID: it goes through a pipe, where no list of processes shows it.
function _gatepass_sudo {
  local word="" value="" rest="" target="" id="" left="$#"
  while [ "$left" -gt 0 ]; do
    word="$1"; shift; left=$((left - 1))
    if [ -n "$value" ]; then
      value=""
    else
      case "$rest$word" in
        --) rest="positional " ;;
        @VALUE_OPTIONS@) value="next" ;;
        -?*) ;;
        *) if [ -z "$target" ]; then
             target="given"
           elif [ -z "$id" ]; then
             id="$word"; continue
           fi ;;
      esac
    fi
    set -- "$@" "$word"
  done
  if [ -n "$id" ]; then
    builtin printf '%s\n' "$id" | GATEPASS_TYPED=1 _gatepass_run sudo "$@"
  else
    _gatepass_run sudo "$@"
  fi
}
