#!/bin/sh
# Print running, success or failed for a job of Slurm; without an answer it counts as running.
if answer=$(scontrol --oneliner show job "$1" 2>&1); then
    state=$(expr "$answer" : '.* JobState=\([A-Z_]*\)')
else
    case $answer in
        *'Invalid job id'*) state=$(sacct -X -n -P -o State -j "$1" 2> /dev/null || echo GONE) ;;
        *) state=RUNNING ;;
    esac
fi
case $state in
    COMPLETED*) echo success ;;
    PENDING* | CONFIGURING* | RUNNING* | COMPLETING* | SUSPENDED* | STOPPED* | REQUEUED*) echo running ;;
    *) echo failed ;;
esac
