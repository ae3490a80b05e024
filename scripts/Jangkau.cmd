@echo off
rem Klik dua kali untuk memulai Jangkau (docs/manual/id/kantor.md). / Double-click to start Jangkau.
setlocal
cd /d "%~dp0.."
set PYTHON=py -3
%PYTHON% --version >nul 2>nul
if not errorlevel 1 goto found
set PYTHON=python
%PYTHON% --version >nul 2>nul
if not errorlevel 1 goto found
echo Python tidak ditemukan. Pasang Python 3.11 ke atas dengan pilihan "Add to PATH", lalu klik dua kali lagi.
echo Python was not found. Install Python 3.11 or later with "Add to PATH" ticked, then double-click again.
goto failed

:found
%PYTHON% scripts\start.py %*
if not errorlevel 1 exit /b 0
echo Jangkau berhenti karena kesalahan di atas. / Jangkau stopped because of the error above.

:failed
pause
exit /b 1
